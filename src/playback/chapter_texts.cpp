// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/playback/chapter_texts.h"

#include <algorithm>
#include <map>
#include <utility>

#include "src/base/json.h"
#include "src/media/language.h"
#include "src/playback/webvtt.h"

namespace butaca::playback {

namespace {

double seconds(std::int64_t time_ns)
{
    const std::int64_t whole_microseconds = time_ns / 1000;
    return static_cast<double>(whole_microseconds) / 1e6;
}

// WebVTT cue text (W3C WebVTT, 4.2.2).
std::string escaped(const std::string &title)
{
    std::string text;
    for (char c : title)
        text += c == '&' ? "&amp;" : c == '<' ? "&lt;" : c == '>' ? "&gt;" : std::string(1, c);
    return text;
}

} // namespace

std::string chapters_json(const std::vector<media::Chapter> &chapters)
{
    using Span = std::pair<std::int64_t, std::int64_t>;
    std::map<Span, std::vector<const media::Chapter *>> spans;
    for (const auto &chapter : chapters)
        spans[{chapter.start_ns, chapter.end_ns}].push_back(&chapter);
    json::Writer writer;
    writer.begin_array();
    for (const auto &[span, same] : spans) {
        writer.begin_object().member("start-time", seconds(span.first));
        writer.member("duration", seconds(span.second - span.first)).key("titles").begin_array();
        for (const auto *chapter : same)
            if (!chapter->title.empty())
                writer.begin_object()
                    .member("language", chapter->language.empty() ? "und" : chapter->language)
                    .member("title", chapter->title)
                    .end_object();
        writer.end_array().end_object();
    }
    return writer.end_array().take();
}

std::string chapters_vtt(const std::vector<media::Chapter> &chapters, std::string_view language)
{
    std::string out = "WEBVTT\n\n";
    auto chosen = std::find_if(chapters.begin(), chapters.end(), [&](const auto &chapter) {
        return !language.empty() && media::serves(chapter.language, language);
    });
    if (chosen == chapters.end())
        chosen = chapters.begin();
    for (const auto &chapter : chapters)
        if (chapter.language == chosen->language)
            out.append(webvtt_time(chapter.start_ns))
                .append(" --> ")
                .append(webvtt_time(chapter.end_ns))
                .append("\n")
                .append(escaped(chapter.title))
                .append("\n\n");
    return out;
}

} // namespace butaca::playback
