// SPDX-License-Identifier: LGPL-2.1-or-later
// Faultless HLS streams, small enough for memory, on our own HTTP server; tests then break one thing.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "client/check/checker.h"
#include "src/http/server.h"
#include "tests/client/mp4_writer.h"

namespace butaca::test {

struct Page {
    std::string body;
    std::string type;
    std::function<http::Response(const http::Request &)> instead; // answers in place of the body
};

struct Site {
    std::map<std::string, Page> pages; // by file name
    bool gzip = true;                  // for playlists
    bool ranges = true;
    std::string host = "127.0.0.1";
    std::string first = "master.m3u8";
    client::check::CheckSettings settings;

    // Replaces the first `old` in a page; the test fails when there is none.
    void edit(const std::string &page, const std::string &old, const std::string &by);
    void edit_all(const std::string &page, const std::string &old, const std::string &by);
    void remove_line(const std::string &page, const std::string &begin);
};

// Two sizes of H.264 in MP4 at 24 pictures a second, AAC, subtitles, I-frames: three segments of 6 s.
Site mp4_site();
// Writes master.m3u8 of such a site anew, so that the rates in it are those of its segments.
void write_mp4_master(Site &site);
// Segment `k` of the sound: frames of this size.
std::string sound_segment(unsigned k, std::size_t frame_bytes);
// The same as transport streams with packed AAC, without subtitles.
Site ts_site();

// Segment `k` of the pictures of mp4_site(): each GOP of two seconds a fragment. The picture's first byte
// says what kind of slice it is.
struct PictureSegment {
    std::uint64_t tfdt = 0;
    unsigned frames = 144;
    unsigned gop = 48;
    std::size_t key_bytes = 400;
    std::size_t other_bytes = 40;
    bool starts_with_idr = true;
    unsigned idr_slice = 5; // the first byte of the NAL units
    unsigned other_slice = 1;
};
std::string picture_segment(const PictureSegment &wish);

struct Outcome {
    Status ended;
    std::vector<client::check::Finding> findings;
    client::check::Presentation presentation;

    std::set<std::string> rules() const; // the ids of what was found
};
// Serves the site and checks it.
Outcome check(const Site &site);

} // namespace butaca::test
