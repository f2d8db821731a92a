"""How long our deploys take, beside raw ssh with the same scripts and an Ansible playbook of the same steps."""
