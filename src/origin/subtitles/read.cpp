// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/origin/subtitles/read.h"

#include <algorithm>

#include <glib.h>

#include "src/origin/subtitles/ass.h"
#include "src/origin/subtitles/charset.h"
#include "src/origin/subtitles/lines.h"
#include "src/origin/subtitles/pgs.h"
#include "src/origin/subtitles/subrip.h"
#include "src/origin/subtitles/ttml.h"
#include "src/origin/subtitles/vobsub.h"
#include "src/origin/subtitles/webvtt.h"

namespace butaca::origin {

namespace {

Result<ReadSubtitles> parsed(std::string_view text)
{
    auto start = text.substr(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
    if (start.starts_with("WEBVTT")) {
        auto cues = parse_webvtt(start);
        return cues ? Result<ReadSubtitles>({.format = "webvtt", .subtitles = std::move(*cues)})
                    : fail(cues.error());
    }
    if (looks_like_ttml(start)) {
        auto cues = parse_ttml(start);
        return cues ? Result<ReadSubtitles>({.format = "ttml", .subtitles = std::move(*cues)})
                    : fail(cues.error());
    }
    if (starts_without_case(start, "[script info]") || text.find("[Events]") != std::string_view::npos) {
        auto cues = parse_ass(text);
        return cues ? Result<ReadSubtitles>({.format = "ass", .subtitles = std::move(*cues)})
                    : fail(cues.error());
    }
    return ReadSubtitles{.format = "srt", .subtitles = parse_subrip(text)};
}

Result<ReadSubtitles> parsed_pictures(std::string_view bytes)
{
    auto cues = parse_pgs(bytes);
    return cues ? Result<ReadSubtitles>({.format = "pgs", .subtitles = std::move(*cues)})
                : fail(cues.error());
}

// "film.idx" as "film.sub", in the same case; "" when it does not end so.
std::string with_suffix(const std::string &path, std::string_view from, std::string_view to)
{
    if (path.size() <= from.size())
        return {};
    auto stem = path.size() - from.size();
    std::string suffix = path.substr(stem);
    std::string small = suffix;
    std::transform(small.begin(), small.end(), small.begin(), g_ascii_tolower);
    if (small != from)
        return {};
    std::string out = path.substr(0, stem).append(to);
    if (suffix != small)
        std::transform(out.begin() + static_cast<std::ptrdiff_t>(stem), out.end(),
                       out.begin() + static_cast<std::ptrdiff_t>(stem), g_ascii_toupper);
    return out;
}

} // namespace

Result<ReadSubtitles> read_subtitles(std::string_view bytes)
{
    if (bytes.size() > subtitle_file_bytes_most)
        return fail(ErrorCode::unsupported, "the file is too large for subtitles");
    auto read = bytes.starts_with("PG") ? parsed_pictures(bytes) : parsed(to_utf8(bytes));
    if (read && read->subtitles.cues.empty())
        return fail(ErrorCode::unsupported, read->subtitles.skipped > 0
                                                ? "none of its lines makes sense as a subtitle"
                                                : "there is no subtitle in it");
    return read;
}

Result<std::vector<ReadSubtitles>> read_subtitle_tracks(std::string_view bytes, std::string_view pictures)
{
    std::vector<ReadSubtitles> tracks;
    if (!looks_like_vobsub(bytes)) {
        auto read = read_subtitles(bytes);
        if (!read)
            return fail(read.error());
        tracks.push_back(std::move(*read));
        return tracks;
    }
    if (pictures.empty())
        return fail(ErrorCode::unsupported, "the file with its pictures (.sub) is not beside it");
    auto read = parse_vobsub(to_utf8(bytes), pictures);
    if (!read)
        return fail(read.error());
    for (auto &track : *read)
        tracks.push_back({"vobsub", std::move(track.subtitles), std::move(track.language),
                          std::move(track.name), track.is_default});
    return tracks;
}

std::string pictures_beside(const std::string &path) { return with_suffix(path, ".idx", ".sub"); }
std::string index_beside(const std::string &path) { return with_suffix(path, ".sub", ".idx"); }

const std::vector<std::string> &subtitle_suffixes()
{
    static const std::vector<std::string> suffixes = {"ass", "dfxp", "idx",  "srt", "ssa",
                                                      "sub", "sup",  "ttml", "vtt"};
    return suffixes;
}

} // namespace butaca::origin
