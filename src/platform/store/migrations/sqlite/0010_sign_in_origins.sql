-- From where people sign in, so that wrong attempts of strangers do not lock them out.

-- Devices on which somebody signed in. Only the digest of the secret that the device presents is stored.
CREATE TABLE devices (
    id         TEXT   NOT NULL PRIMARY KEY,
    digest     TEXT   NOT NULL UNIQUE,
    person_id  TEXT   NOT NULL REFERENCES people (id),
    created_at BIGINT NOT NULL,
    used_at    BIGINT NOT NULL
);
CREATE INDEX devices_by_person ON devices (person_id, used_at);

-- Networks from which somebody signed in, as digests.
CREATE TABLE known_networks (
    person_id TEXT   NOT NULL REFERENCES people (id),
    network   TEXT   NOT NULL,
    used_at   BIGINT NOT NULL,
    PRIMARY KEY (person_id, network)
);

-- Digest of the login as it was typed.
ALTER TABLE challenges ADD COLUMN login TEXT;
-- Digest of the network that the request came from, and whether the person was known to use it, or its device.
ALTER TABLE challenges ADD COLUMN network TEXT;
ALTER TABLE challenges ADD COLUMN known BIGINT NOT NULL DEFAULT 0;
CREATE INDEX challenges_by_network ON challenges (network, purpose, created_at);
