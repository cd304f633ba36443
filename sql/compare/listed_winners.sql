-- A record that says that its product has gone lists nothing.
DELETE FROM winners
WHERE is_gone;
