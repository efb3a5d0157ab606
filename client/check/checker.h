// SPDX-License-Identifier: LGPL-2.1-or-later
// One check from its URL to its findings. Belongs to the loop. A segment's bytes are let go of once they are
// judged, so what stays is a few numbers for each.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "client/check/fetcher.h"
#include "client/check/findings.h"
#include "client/check/judge_delivery.h"
#include "client/check/mp4.h"
#include "client/check/presentation.h"
#include "src/base/loop.h"
#include "src/http/message.h"

namespace butaca::client::check {

struct CheckSettings {
    std::string url;
    std::size_t segments_most = SIZE_MAX; // of each playlist
    http::Headers headers;                // sent with every request
    std::chrono::milliseconds fetch_timeout{60000};
    std::chrono::milliseconds whole_timeout{3600000}; // then what was fetched is judged
};

class Checker {
public:
    explicit Checker(CheckSettings settings);

    // `progress` hears after each fetch how many segments have been looked at, of how many. `done` is called
    // once: with an error when what the URL names could not be had, or is no playlist.
    void start(std::function<void(std::size_t, std::size_t)> progress, std::function<void(Status)> done);

    const Findings &findings() const { return findings_; }
    const Presentation &presentation() const { return presentation_; }

private:
    enum class Phase { playlists, inits, segments, probes, over };

    // What a stream needs while it is fetched.
    struct Work {
        bool fetched = false; // its playlist
        std::map<std::size_t, Init> inits;
        std::size_t next_map = 0;
        std::size_t next_segment = 0;
        Fetched first_head; // of the first whole segment: its header
        std::string probe_url;
        Range probe;
        std::string probe_bytes;
        std::uint64_t probe_size = 0;
        unsigned probes = 0;
    };

    void take_first(const Fetched &fetched);
    void add_streams(const std::string &base);
    std::optional<std::size_t> stream_of(const std::string &base, const std::string &uri, Role role,
                                         unsigned line);
    bool take_playlist(std::size_t i, const Fetched &fetched);
    void pump();
    bool start_next();
    bool start_playlist();
    bool start_init();
    bool start_segment();
    bool start_probe();
    void take_init(std::size_t i, std::size_t map, const Fetched &fetched);
    void take_segment(std::size_t i, std::size_t k, Fetched fetched);
    Delivered read_segment(std::size_t i, std::size_t k, std::string_view body, const Place &place);
    void remember_for_probe(Work &work, const Stream &stream, std::size_t k, Fetched &fetched);
    void finish();
    std::size_t segments_wanted(const Stream &stream) const;
    std::string name_of(const std::string &url) const;

    CheckSettings settings_;
    Fetcher fetcher_;
    Findings findings_;
    Presentation presentation_;
    std::vector<Work> work_; // beside presentation_.streams
    std::map<std::string, std::size_t> by_url_;
    std::string base_; // the folder of the first URL
    Phase phase_ = Phase::playlists;
    std::size_t cursor_ = 0; // in streams, within a phase
    std::size_t looked_at_ = 0;
    Timer deadline_;
    std::function<void(std::size_t, std::size_t)> progress_;
    std::function<void(Status)> done_;
};

} // namespace butaca::client::check
