-- The second form: whether an outcome was read off the alias later, by a program that did not make the write. Whoever
-- made it may still say better.
ALTER TABLE actions ADD COLUMN inferred INTEGER NOT NULL DEFAULT 0;
