// SPDX-License-Identifier: LGPL-2.1-or-later
// One segment on its way to all who wait for it: its bytes so far, in order, and how it ended. Who comes late
// gets them from the beginning; who crashes while making it is replaced, and the bytes go on where they were.
// Loop-bound.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "src/playback/segment_service.h"

namespace butaca::playback {

class Flight;

// One who waits. Its calls come from the loop itself, never from inside a call to the service, so they may do
// anything, even destroy the service.
struct Waiting {
    SegmentSink sink;
    Priority priority = Priority::viewer;
    std::shared_ptr<const Flight> flight;
    std::size_t next_chunk = 0;
    bool called = false; // a call from the loop is under way
    bool closed = false; // wants no more
};

class Flight {
public:
    enum class Stage { reading, queued, running, over };

    Flight(SegmentKey flight_key, std::shared_ptr<const JobSource> flight_source)
        : key(std::move(flight_key)), source(std::move(flight_source))
    {
    }

    const SegmentKey key;
    const std::shared_ptr<const JobSource> source;
    Stage stage = Stage::reading;
    std::uint64_t order = 0; // when it was asked for, among the others
    unsigned crashes = 0;
    bool goes_on = false;               // once it runs, even when nobody waits any more
    std::set<std::string> wanted_ahead; // places of viewers who will soon ask for it
    // What viewers who jumped here will want next, by place: made once this has landed.
    std::map<std::string, std::vector<std::int64_t>> then_ahead;

    // Adds one who waits; `self` is this flight.
    static std::shared_ptr<Waiting> join(const std::shared_ptr<Flight> &self, Priority priority,
                                         SegmentSink sink);
    // Does anybody wait, or will soon, or does it go on by itself?
    bool is_wanted() const;
    bool has_waiters() const;
    // The most urgent of all who want it.
    Priority priority() const;

    // A worker begins (again). Bytes that are here already must come once more, and are not passed on.
    void begin_attempt() { attempt_bytes_ = 0; }
    // `internal` when a repeated byte differs, for segments are pure; `too_large` beyond all reason.
    Status add(std::shared_ptr<GBytes> chunk);
    std::uint64_t attempt_bytes() const { return attempt_bytes_; }
    // The last attempt is whole: ends the flight and returns the segment; `internal` when it has no bytes or
    // fewer than an earlier attempt.
    Result<std::shared_ptr<GBytes>> finish();
    // Ends the flight for all; the chunks before are still delivered.
    void fail(Error error);
    // Ends it with a segment that is whole already.
    void finish_with(std::shared_ptr<GBytes> bytes);

private:
    void append(const char *data, std::size_t size);
    void wake();
    static void deliver(const std::shared_ptr<Waiting> &waiting);
    static void call_from_loop(const std::shared_ptr<Waiting> &waiting);

    std::vector<std::weak_ptr<Waiting>> waiting_;
    std::vector<std::shared_ptr<GBytes>> chunks_;
    // The same bytes in one piece. It grows with the chunks, so that the end is no big copy.
    Owned<char> whole_;
    std::size_t whole_bytes_ = 0;
    std::size_t whole_room_bytes_ = 0;
    std::uint64_t attempt_bytes_ = 0;
    std::optional<Error> error_;
};

} // namespace butaca::playback
