// SPDX-License-Identifier: LGPL-2.1-or-later
// What the threads of RTSP need of AppS, all of which belongs to the main loop: who holds a ticket, and
// segments.
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "src/playback/presentations.h"
#include "src/playback/rtsp/title.h"
#include "src/playback/segment_service.h"

namespace butaca::playback::rtsp {

// What a signed path stands for.
struct Opened {
    std::shared_ptr<const Playable> playable;
    std::string viewer;
};

struct Tickets {
    // Does the ticket hold just now? On any thread.
    std::function<Status(const std::string &ticket)> check;
    // What it stands for. On the main loop, where `done` is called too.
    std::function<void(const std::string &ticket, std::function<void(Result<Opened>)> done)> open;
};

class Backend : public std::enable_shared_from_this<Backend> {
public:
    // Made on the main loop. `segments` must live until detach().
    Backend(SegmentService &segments, Tickets tickets) : segments_(&segments), tickets_(std::move(tickets)) {}

    // On any thread but the main loop's: waits for its answer, at most some seconds.
    Result<Title> open(const std::string &ticket);
    Status check(const std::string &ticket) const { return tickets_.check(ticket); }

    // On the main loop: null once AppS stops.
    SegmentService *segments() const { return segments_; }
    // On the main loop: nobody gets anything any more, and who waits for something goes on at once.
    void detach();

    // Has `work` called by detach(), at once where that has been. On any thread, as forget(); after that
    // returned, `work` is not called and not running. `who` names the pair.
    void on_detach(const void *who, std::function<void()> work);
    void forget(const void *who);

private:
    SegmentService *segments_; // the main loop's
    const Tickets tickets_;
    std::mutex mutex_; // guards what follows, and the answers that open() waits for
    std::condition_variable changed_;
    bool detached_ = false;
    std::map<const void *, std::function<void()>> waiting_;
};

} // namespace butaca::playback::rtsp
