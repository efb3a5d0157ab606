// SPDX-License-Identifier: LGPL-2.1-or-later
// Random access to the bytes of one original on VS or AS: blocks, read-ahead, retries, replicas, and the
// promise that all bytes belong to the same version of it. Knows nothing of elements.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <span>
#include <string>

#include "plugins/source/address.h"
#include "plugins/source/block_cache.h"
#include "plugins/source/range_stream.h"
#include "plugins/source/retry.h"
#include "src/base/gobject.h"
#include "src/base/result.h"

namespace butaca::source {

struct ReaderOptions {
    unsigned read_timeout_ms = 5000; // longest wait for an answer, and for the next 16 KiB of it
    unsigned attempts = 6;           // for one block, over all replicas
    unsigned backoff_ms = 100;       // first wait; doubles, with jitter
    std::size_t block_size_bytes = std::size_t{256} * 1024;
    std::size_t cache_size_bytes = std::size_t{16} * 1024 * 1024;
    std::size_t read_ahead_bytes =
        std::size_t{1024} * 1024; // most bytes of one request while access is sequential
};

// What a reader did so far.
struct ReaderStats {
    std::uint64_t requests = 0;       // GETs sent
    std::uint64_t retries = 0;        // attempts after a failure
    std::uint64_t failovers = 0;      // of these, on another replica
    std::uint64_t bytes_received = 0; // of bodies
    std::uint64_t bytes_read = 0;     // handed to the caller
    std::uint64_t cache_hits = 0;     // blocks found in memory
    std::uint64_t cache_misses = 0;   // blocks fetched
    std::uint64_t dropped = 0;        // answers given up before their end, each costs a connection
};

// Thread-safe; reads wait for each other, everything else never waits for a read.
class RangeReader {
public:
    RangeReader(Address address, std::string ticket, const ReaderOptions &options);

    // Reads into.size() bytes at `offset`, fewer only where the original ends. Errors are those of
    // judge_answer, timeout and unavailable after the last attempt, and cancelled after interrupt().
    Result<std::size_t> read(std::uint64_t offset, std::span<std::uint8_t> into);

    // The original's length; asks the origin (by reading the first block) when it is not known yet.
    Result<std::uint64_t> size();
    // The length if some answer said it already. Never blocks.
    std::optional<std::uint64_t> known_size() const;

    // Ends a read that is under way and any that starts before resume() with `cancelled`, at once.
    void interrupt();
    void resume();

    // From the next request on; for tickets that expire before the film ends.
    void set_ticket(std::string ticket);

    ReaderStats stats() const;

private:
    // What the caller waits for: it sizes the requests and ends them.
    struct Pull {
        std::size_t wanted_bytes;
        GCancellable *interrupt;
    };
    Status fetch(std::uint64_t index, const Pull &pull);
    Result<std::size_t> fill(std::uint64_t index, Block &block, const Pull &pull);
    Status prepare_retry(Retry &retry, const Error &error, const Pull &pull);
    Status read_some(std::uint64_t position, std::span<std::uint8_t> rest, std::size_t &filled,
                     const Pull &pull);
    Status open(std::uint64_t position, const Pull &pull);
    Status accept(const RangeAnswer &answer);
    std::uint64_t window_end(std::uint64_t index, std::size_t wanted_bytes) const;
    void drop();
    Owned<GCancellable> interruption();
    std::string ticket();

    const Address address_;
    const ReaderOptions options_;

    std::mutex reading_; // guards what follows, and is held for as long as a read takes
    RangeStream stream_;
    BlockCache cache_;
    std::size_t host_ = 0; // the replica in use; we stay with one that works
    std::string etag_; // that all bytes must have; empty until the first answer when the path has no digest
    std::optional<Error> changed_; // once the original changed, this reader is of no more use

    mutable std::mutex state_; // guards what follows, for moments only
    Owned<GCancellable> interrupt_;
    std::string ticket_;

    std::atomic<std::int64_t> size_bytes_{-1};
    std::atomic<std::uint64_t> requests_{0}, retries_{0}, failovers_{0}, bytes_received_{0}, bytes_read_{0},
        cache_hits_{0}, cache_misses_{0}, dropped_{0};
};

} // namespace butaca::source
