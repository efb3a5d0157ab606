// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/origin/subtitles/read.h"

#include "src/origin/subtitles/ass.h"
#include "src/origin/subtitles/charset.h"
#include "src/origin/subtitles/lines.h"
#include "src/origin/subtitles/pgs.h"
#include "src/origin/subtitles/subrip.h"
#include "src/origin/subtitles/webvtt.h"

namespace butaca::origin {

namespace {

Result<ReadSubtitles> parsed(std::string_view text)
{
    auto start = text.substr(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
    if (start.starts_with("WEBVTT")) {
        auto cues = parse_webvtt(start);
        return cues ? Result<ReadSubtitles>({"webvtt", std::move(*cues)}) : fail(cues.error());
    }
    if (starts_without_case(start, "[script info]") || text.find("[Events]") != std::string_view::npos) {
        auto cues = parse_ass(text);
        return cues ? Result<ReadSubtitles>({"ass", std::move(*cues)}) : fail(cues.error());
    }
    return ReadSubtitles{"srt", parse_subrip(text)};
}

Result<ReadSubtitles> pictures(std::string_view bytes)
{
    auto cues = parse_pgs(bytes);
    return cues ? Result<ReadSubtitles>({"pgs", std::move(*cues)}) : fail(cues.error());
}

} // namespace

Result<ReadSubtitles> read_subtitles(std::string_view bytes)
{
    if (bytes.size() > subtitle_file_bytes_most)
        return fail(ErrorCode::unsupported, "the file is too large for subtitles");
    auto read = bytes.starts_with("PG") ? pictures(bytes) : parsed(to_utf8(bytes));
    if (read && read->subtitles.cues.empty())
        return fail(ErrorCode::unsupported, read->subtitles.skipped > 0
                                                ? "none of its lines makes sense as a subtitle"
                                                : "there is no subtitle in it");
    return read;
}

const std::vector<std::string> &subtitle_suffixes()
{
    static const std::vector<std::string> suffixes = {"ass", "srt", "ssa", "sup", "vtt"};
    return suffixes;
}

} // namespace butaca::origin
