-- What was filled in is true as well where nothing asks for it.
SELECT 1;
