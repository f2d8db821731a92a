// Opens the explorer on our own document; the validator badge would ask a foreign host, so it is off.
SwaggerUIBundle({
  url: document.currentScript.dataset.document,
  dom_id: "#explorer",
  validatorUrl: null,
});
