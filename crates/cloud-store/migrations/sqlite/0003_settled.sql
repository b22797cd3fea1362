-- Few events are about a command's end: those that are looked for when its answer comes late.
CREATE INDEX events_of_command ON events (pairing, command)
    WHERE command IS NOT NULL AND kind IN ('command.completed', 'command.failed');
