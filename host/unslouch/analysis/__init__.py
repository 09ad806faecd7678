"""From stored pages to days: records, their times, what they say of the wearer, and the numbers of a day."""
