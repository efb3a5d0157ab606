// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/origin/chapters/chapter_file.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string>
#include <utility>

namespace butaca::origin {

namespace {

constexpr std::string_view chapters_word = "chapters";

// Has the text, a list of words between dots, this one?
bool has_word(std::string_view words)
{
    while (!words.empty()) {
        const auto end = std::min(words.find('.'), words.size());
        const std::string_view word = words.substr(0, end);
        if (std::equal(word.begin(), word.end(), chapters_word.begin(), chapters_word.end(),
                       [](char a, char b) { return std::tolower(static_cast<unsigned char>(a)) == b; }))
            return true;
        words.remove_prefix(std::min(end + 1, words.size()));
    }
    return false;
}

std::string_view without_suffix(std::string_view path) { return path.substr(0, path.rfind('.')); }

// Cue text without its tags and entities.
std::string plain_text(std::string_view cue)
{
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 6> entities{
        {{"&amp;", "&"}, {"&lt;", "<"}, {"&gt;", ">"}, {"&nbsp;", " "}, {"&lrm;", ""}, {"&rlm;", ""}}};
    std::string text;
    for (std::size_t at = 0; at < cue.size();) {
        const std::string_view rest = cue.substr(at);
        if (rest.front() == '<') {
            at += std::min(rest.find('>'), rest.size() - 1) + 1;
            continue;
        }
        const auto *entity = std::find_if(entities.begin(), entities.end(),
                                          [&](const auto &known) { return rest.starts_with(known.first); });
        text += entity == entities.end() ? rest.substr(0, 1) : entity->second;
        at += entity == entities.end() ? 1 : entity->first.size();
    }
    return text;
}

} // namespace

bool holds_chapters(std::string_view film_path, std::string_view file_path)
{
    const std::string_view stem = without_suffix(film_path);
    const std::string_view words = without_suffix(file_path);
    return words.starts_with(stem) && has_word(words.substr(stem.size()));
}

bool may_hold_chapters(std::string_view file_path)
{
    return has_word(without_suffix(file_path.substr(file_path.rfind('/') + 1)));
}

std::vector<media::Chapter> chapters_from_cues(const media::Subtitles &cues)
{
    std::vector<media::Chapter> chapters;
    for (const media::Cue &cue : cues.cues)
        if (chapters.size() < media::chapters_most)
            chapters.push_back({cue.start_ns, cue.end_ns, plain_text(cue.text), ""});
    return chapters;
}

} // namespace butaca::origin
