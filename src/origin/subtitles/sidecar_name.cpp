// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/origin/subtitles/sidecar_name.h"

#include <algorithm>
#include <cctype>
#include <string>

#include <gst/tag/tag.h>

namespace butaca::origin {

namespace {

std::string small(std::string_view text)
{
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return out;
}

} // namespace

std::string language_from(std::string_view word)
{
    auto primary_end = std::min(word.find_first_of("-_"), word.size());
    std::string primary = small(word.substr(0, primary_end));
    if (primary.size() < 2 || primary.size() > 3)
        return {};
    const char *code = gst_tag_get_language_code_iso_639_1(primary.c_str());
    // Languages without a short code have a long one only.
    if (!code)
        code = gst_tag_get_language_code_iso_639_2T(primary.c_str());
    if (!code)
        return {};
    std::string tag = code;
    for (std::size_t at = primary_end; at < word.size();) {
        auto end = std::min(word.find_first_of("-_", at + 1), word.size());
        auto part = word.substr(at + 1, end - at - 1);
        bool fits = part.size() >= 2 && part.size() <= 8 && tag.size() < 30 &&
                    std::all_of(part.begin(), part.end(), [](unsigned char c) { return std::isalnum(c); });
        if (!fits)
            return {};
        tag.append("-").append(part);
        at = end;
    }
    return tag;
}

namespace {

void take_word(std::string_view word, media::SubtitleTrack &track)
{
    std::string plain = small(word);
    if (plain == "forced" || plain == "foreign")
        track.forced = true;
    else if (plain == "sdh" || plain == "cc" || plain == "hi")
        track.hearing_impaired = true;
    else if (plain == "default")
        track.is_default = true;
    else if (auto language = language_from(word); !language.empty() && track.language.empty())
        track.language = language;
    else if (!word.empty())
        (track.name += track.name.empty() ? "" : " ") += word;
}

} // namespace

std::optional<media::SubtitleTrack> sidecar_of(std::string_view film_path, std::string_view file_path)
{
    auto folder_end = film_path.rfind('/');
    auto stem_end = film_path.rfind('.');
    if (stem_end == std::string_view::npos ||
        (folder_end != std::string_view::npos && stem_end <= folder_end + 1))
        return std::nullopt;
    if (!file_path.starts_with(film_path.substr(0, stem_end)))
        return std::nullopt;
    std::string_view rest = file_path.substr(stem_end);
    auto suffix = rest.rfind('.');
    if (!rest.starts_with('.') || rest.find('/') != std::string_view::npos)
        return std::nullopt;
    media::SubtitleTrack track;
    rest = rest.substr(0, suffix);
    while (!rest.empty()) {
        rest.remove_prefix(1);
        auto end = std::min(rest.find('.'), rest.size());
        take_word(rest.substr(0, end), track);
        rest.remove_prefix(end);
    }
    return track;
}

} // namespace butaca::origin
