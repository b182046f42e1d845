-- One explicit state for each outbox message, one message for each recipient. The
-- column status stays, for the release before this one, until the next.
ALTER TABLE outbox_messages ADD COLUMN state varchar(20) NOT NULL DEFAULT 'pending'
    CHECK (state IN ('pending', 'sending', 'retrying', 'sent', 'failed', 'cancelled'));

--bun:split

ALTER TABLE outbox_messages ADD COLUMN recipient varchar(254) NOT NULL DEFAULT '';

--bun:split

ALTER TABLE outbox_messages ADD COLUMN superseded boolean NOT NULL DEFAULT false;

--bun:split

ALTER TABLE outbox_messages ADD COLUMN cancelled_at timestamptz;

--bun:split

UPDATE outbox_messages SET
    state = CASE
        WHEN lease_until IS NOT NULL AND next_attempt_at IS NOT NULL THEN 'sending'
        WHEN next_attempt_at IS NOT NULL AND status = 'failed' THEN 'retrying'
        WHEN next_attempt_at IS NOT NULL THEN 'pending'
        WHEN status = 'sent' THEN 'sent'
        WHEN error_message LIKE 'Withdrawn: %' THEN 'cancelled'
        ELSE 'failed'
    END,
    error_message = CASE WHEN error_message LIKE 'Withdrawn: %' THEN 'Cancelled: ' || substr(error_message, 12) ELSE error_message END,
    superseded = EXISTS (
        SELECT 1 FROM outbox_messages AS newer
        WHERE newer.kind = outbox_messages.kind AND newer.object_id = outbox_messages.object_id AND newer.id > outbox_messages.id
    ) OR kind = 'contact_notice' AND status = 'failed' AND next_attempt_at IS NULL AND EXISTS (
        SELECT 1 FROM contact_messages WHERE contact_messages.id = outbox_messages.object_id AND contact_messages.is_spam
    );

--bun:split

CREATE INDEX outbox_messages_sending_idx ON outbox_messages (lease_until) WHERE state = 'sending';

--bun:split

CREATE INDEX outbox_messages_needed_idx ON outbox_messages (id) WHERE state = 'failed' AND NOT superseded;

--bun:split

-- The release before this one changes no state: it is derived from what it does change.
CREATE TRIGGER outbox_messages_derive_state AFTER UPDATE OF status, next_attempt_at, lease_until ON outbox_messages
    WHEN NEW.state = OLD.state AND (NEW.state <> 'sending' OR NEW.lease_until IS NULL)
BEGIN
    UPDATE outbox_messages SET state = CASE
        WHEN NEW.next_attempt_at IS NOT NULL AND NEW.lease_until IS NOT NULL THEN 'sending'
        WHEN NEW.next_attempt_at IS NOT NULL AND NEW.status = 'failed' THEN 'retrying'
        WHEN NEW.next_attempt_at IS NOT NULL THEN 'pending'
        WHEN NEW.status = 'sent' THEN 'sent'
        WHEN NEW.error_message LIKE 'Withdrawn: %' THEN 'cancelled'
        ELSE 'failed'
    END
    WHERE id = NEW.id;
END;
