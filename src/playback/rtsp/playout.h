// SPDX-License-Identifier: LGPL-2.1-or-later
// One title on its way to one session: the feeds of its tracks and the range that is being played.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "src/base/gst.h"
#include "src/playback/rtsp/backend.h"
#include "src/playback/rtsp/track_feed.h"

namespace butaca::playback::rtsp {

class Playout {
public:
    // On any thread, as everything here. `failed` is called once, on the main loop, when a track cannot go on
    // for good.
    Playout(const std::shared_ptr<Backend> &backend, const Title &title, std::function<void()> failed);

    // A bin of an appsrc and a payloader named "pay0", "pay1" … for each track, floating; null when an
    // element is missing. It keeps the playout alive.
    static GstElement *make_bin(const std::shared_ptr<Playout> &playout);
    // What make_bin() made the bin for; null for another element.
    static std::shared_ptr<Playout> of(GstElement *bin);

    // Where playing will begin and end after the jump that follows.
    struct Range {
        std::int64_t begin_ns = 0;
        std::int64_t end_ns = 0;
    };
    // Chooses the range that really will be played for the wished one; an end below 0 is the title's end. Not
    // from two threads at once.
    Range choose(std::int64_t begin_ns, std::int64_t end_ns);

    // From now on this track is not sent, nor fetched any further. `bin` is what make_bin() made.
    void rest(GstElement *bin, std::size_t number);

    std::int64_t duration_ns() const { return title_.duration_ns; }
    std::int64_t begin_ns() const { return begin_ns_; }
    std::int64_t end_ns() const { return end_ns_; }
    // What is sent next: the begin until leave_begin(), then the earliest of what the tracks have ready.
    std::int64_t position_ns() const;
    // Is the place still the one that choose() gave, with nothing sent since?
    bool at_begin() const { return at_begin_; }
    void leave_begin()
    {
        at_begin_ = false;
        has_played_ = true;
    }
    bool has_played() const { return has_played_; }

private:
    // How far a track is.
    struct Progress {
        std::atomic<std::int64_t> ready_ns = 0; // the packet that its sink holds, to send it in its time
        std::atomic<std::int64_t> last_ns = 0;  // the latest since the jump, or 0
        std::atomic<bool> ended = false;
    };
    void follow(GstElement *payloader, std::size_t number);
    GstPadProbeReturn passed(GstPad *pad, GstPadProbeInfo *info, Progress &progress);
    void count_on();

    const Title title_;
    std::vector<std::unique_ptr<Progress>> progress_; // by track
    std::vector<Owned<GstElement>> payloaders_;       // by track
    std::int64_t counted_ns_ = 0; // that was sent before the last jump; choose() alone uses it
    std::vector<std::shared_ptr<TrackFeed>> feeds_;
    std::atomic<std::int64_t> begin_ns_ = 0;
    std::atomic<std::int64_t> end_ns_ = 0;
    std::atomic<bool> at_begin_ = true;
    std::atomic<bool> has_played_ = false;
};

} // namespace butaca::playback::rtsp
