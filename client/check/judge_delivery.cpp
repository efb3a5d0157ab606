// SPDX-License-Identifier: LGPL-2.1-or-later
#include "client/check/judge_delivery.h"

#include <algorithm>
#include <initializer_list>

namespace butaca::client::check {

namespace {

// What Apple 10.4 recommends, each between bars.
std::string_view types_of(Delivered what)
{
    switch (what) {
    case Delivered::playlist:
        return "|application/vnd.apple.mpegurl|audio/mpegurl|";
    case Delivered::init:
        return "|video/mp4|audio/mp4|";
    case Delivered::mp4:
        return "|video/iso.segment|video/mp4|audio/mp4|";
    case Delivered::transport_stream:
        return "|video/mp2t|";
    case Delivered::packed_audio:
        return "|audio/aac|audio/mpeg|audio/ac3|audio/eac3|";
    case Delivered::webvtt:
        return "|text/vtt|text/plain|";
    case Delivered::other:
        return "";
    }
    return "";
}

bool path_ends_with(const std::string &url, std::initializer_list<std::string_view> ends)
{
    const std::string_view path = std::string_view(url).substr(0, url.find_first_of("?#"));
    return std::any_of(ends.begin(), ends.end(), [&](std::string_view end) { return path.ends_with(end); });
}

std::string header_text(const Fetched &fetched)
{
    const std::string length(fetched.headers.get("Content-Length").value_or("-"));
    return std::to_string(fetched.status) + " " + fetched.media_type() + " " + length;
}

} // namespace

bool judge_answer(const Fetched &fetched, const Range &range, const Place &place, Findings &findings)
{
    if (!fetched.redirect_to.empty())
        findings.add(Rule::delivery_redirect, place, {fetched.redirect_to});
    if (fetched.status == 0) {
        findings.add(Rule::delivery_missing, place, {fetched.trouble});
        return false;
    }
    const int wanted = range.size_bytes > 0 ? 206 : 200;
    if (fetched.status == wanted)
        return true;
    if (range.size_bytes > 0 && fetched.status == 200)
        findings.add(Rule::delivery_range, place,
                     {std::to_string(range.offset), std::to_string(range.offset + range.size_bytes - 1),
                      "HTTP 200", std::to_string(fetched.body.size())});
    else
        findings.add(Rule::delivery_missing, place, {"HTTP " + std::to_string(fetched.status)});
    return false;
}

void judge_types(const Fetched &fetched, Delivered what, const Place &place, Findings &findings)
{
    const std::string type = fetched.media_type();
    const std::string_view allowed = types_of(what);
    const bool recommended = allowed.find("|" + type + "|") != allowed.npos;
    if (what == Delivered::playlist) {
        if (!recommended && !path_ends_with(fetched.url, {".m3u8", ".m3u"}))
            return findings.add(Rule::delivery_playlist_type, place, {type});
        if (!fetched.was_gzip)
            findings.add(Rule::delivery_gzip, place);
    }
    if (!recommended && !allowed.empty())
        findings.add(Rule::delivery_media_type, place, {type});
}

void judge_head(const Fetched &head, const Fetched &get, const Place &place, Findings &findings)
{
    const auto told = head.headers.get("Content-Length");
    const auto given = get.headers.get("Content-Length");
    const bool same = head.status == get.status && head.media_type() == get.media_type() &&
                      (!told || !given || told == given);
    if (!same)
        findings.add(Rule::delivery_head, place, {header_text(head), header_text(get)});
}

void judge_range(const Fetched &fetched, const Range &range, std::uint64_t size_bytes,
                 const std::string &bytes, const Place &place, Findings &findings)
{
    // A server may ignore the wish for a part (RFC 9110, 14.2).
    if (fetched.status == 200)
        return;
    const std::string first = std::to_string(range.offset);
    const std::string last = std::to_string(range.offset + range.size_bytes - 1);
    const std::string_view told = fetched.headers.get("Content-Range").value_or("");
    const std::string wanted = "bytes " + first + "-" + last + "/";
    const bool right = fetched.status == 206 && fetched.body == bytes &&
                       (told == wanted + std::to_string(size_bytes) || told == wanted + "*");
    if (!right)
        findings.add(Rule::delivery_range, place,
                     {first, last,
                      fetched.status == 0
                          ? fetched.trouble
                          : "HTTP " + std::to_string(fetched.status) + " " + std::string(told),
                      std::to_string(fetched.body.size())});
}

} // namespace butaca::client::check
