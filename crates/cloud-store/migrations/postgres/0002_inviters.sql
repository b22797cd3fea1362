-- Who made an invitation, so that it is worth no more than they are; nobody when it was whoever runs the server. Of those
-- that were made before nobody knows.
DELETE FROM invitations;
ALTER TABLE invitations ADD COLUMN inviter TEXT REFERENCES people (id);
