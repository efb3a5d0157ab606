-- Money: double entries that only grow. Amounts are minor units (cents) of an ISO 4217 currency.

create table ledger_transactions (
    id         bigint generated always as identity primary key,
    kind       text not null check (kind in ('credit')),
    -- Whose doing it was: an administrator's account, or null where it was the wallet owner's own.
    made_by    text,
    note       text not null default '' check (octet_length(note) <= 1000),
    created_at timestamptz not null default now()
);

-- Each moves an amount into a book, or out of it. No reference to accounts: the books outlive them.
create table ledger_entries (
    transaction_id bigint not null references ledger_transactions,
    -- "wallet": what we owe the account; "credit": what administrators gave.
    book           text not null check (book in ('wallet', 'credit')),
    account_id     text check ((book = 'wallet') = (account_id is not null)),
    amount_minor   bigint not null check (amount_minor <> 0),
    currency       text not null check (currency ~ '^[A-Z]{3}$')
);
create index ledger_entries_by_transaction on ledger_entries (transaction_id);
create index ledger_entries_by_account on ledger_entries (account_id, transaction_id) where account_id is not null;

-- The sum of an account's entries, kept so that a purchase need not add them up, and never below nothing.
create table wallets (
    account_id    text not null references accounts on delete cascade,
    currency      text not null,
    balance_minor bigint not null constraint wallets_cover check (balance_minor >= 0),
    primary key (account_id, currency)
);

create function ledger_is_final() returns trigger language plpgsql as $$
begin
    raise exception 'the ledger only grows' using errcode = 'restrict_violation';
end $$;
create trigger ledger_is_final before update or delete or truncate on ledger_entries
    for each statement execute function ledger_is_final();
create trigger ledger_is_final before update or delete or truncate on ledger_transactions
    for each statement execute function ledger_is_final();

-- Not by an upsert alone: that holds an amount that is taken against the check before it finds the wallet.
create function ledger_moves_wallet() returns trigger language plpgsql as $$
begin
    update wallets set balance_minor = balance_minor + new.amount_minor
    where account_id = new.account_id and currency = new.currency;
    if found then
        return null;
    end if;
    insert into wallets (account_id, currency, balance_minor) values (new.account_id, new.currency, new.amount_minor)
    on conflict (account_id, currency) do update set balance_minor = wallets.balance_minor + excluded.balance_minor;
    return null;
end $$;
create trigger ledger_moves_wallet after insert on ledger_entries
    for each row when (new.book = 'wallet') execute function ledger_moves_wallet();

-- At the end of each transaction of the database.
create function ledger_is_even() returns trigger language plpgsql as $$
begin
    if exists (select from ledger_entries where transaction_id = new.transaction_id
               group by currency having sum(amount_minor) <> 0) then
        raise exception 'ledger transaction % does not add up to nothing', new.transaction_id
            using errcode = 'integrity_constraint_violation';
    end if;
    return null;
end $$;
create constraint trigger ledger_is_even after insert on ledger_entries
    deferrable initially deferred for each row execute function ledger_is_even();
