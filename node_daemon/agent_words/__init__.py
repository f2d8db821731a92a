"""What agents say of themselves: that they wait for a person, how far they are; and the answers for them."""
