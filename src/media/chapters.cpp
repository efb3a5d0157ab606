// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/media/chapters.h"

#include <algorithm>

#include <glib.h>

#include "src/base/gobject.h"

namespace butaca::media {

namespace {

// What is kept of one language, in the order of the beginning. `into` grows.
void mend_language(std::vector<Chapter> chapters, std::int64_t duration_ns, MendedChapters &into)
{
    std::stable_sort(chapters.begin(), chapters.end(),
                     [](const Chapter &a, const Chapter &b) { return a.start_ns < b.start_ns; });
    const std::size_t first = into.chapters.size();
    for (Chapter &chapter : chapters) {
        const bool before = chapter.end_ns > chapter.start_ns && chapter.end_ns <= 0;
        chapter.start_ns = std::max<std::int64_t>(chapter.start_ns, 0);
        const bool together =
            into.chapters.size() > first && into.chapters.back().start_ns == chapter.start_ns;
        if (before || together || chapter.start_ns >= duration_ns || into.chapters.size() >= chapters_most)
            into.dropped++;
        else
            into.chapters.push_back(std::move(chapter));
    }
    for (std::size_t i = first; i < into.chapters.size(); i++) {
        Chapter &chapter = into.chapters[i];
        const bool last = i + 1 == into.chapters.size();
        const std::int64_t next_ns = last ? duration_ns : into.chapters[i + 1].start_ns;
        if (chapter.end_ns > chapter.start_ns && chapter.end_ns <= next_ns)
            continue;
        chapter.end_ns = next_ns;
        into.mended++;
    }
}

} // namespace

MendedChapters mend_chapters(std::vector<Chapter> chapters, std::int64_t duration_ns)
{
    MendedChapters result;
    while (!chapters.empty()) {
        const std::string language = chapters.front().language;
        auto others = std::stable_partition(chapters.begin(), chapters.end(), [&](const Chapter &chapter) {
            return chapter.language == language;
        });
        std::vector<Chapter> of_one(std::make_move_iterator(chapters.begin()),
                                    std::make_move_iterator(others));
        chapters.erase(chapters.begin(), others);
        for (Chapter &chapter : of_one)
            chapter.title = chapter_title(chapter.title);
        // Beyond the limit a language more would only cost time.
        if (result.chapters.size() >= chapters_most)
            result.dropped += of_one.size();
        else
            mend_language(std::move(of_one), duration_ns, result);
    }
    return result;
}

std::string chapter_title(std::string_view text)
{
    // Before it is looked at: each character here costs.
    text = text.substr(0, 4 * chapter_title_bytes_most);
    const auto valid = adopt(g_utf8_make_valid(text.data(), static_cast<gssize>(text.size())));
    std::string line;
    for (const char *at = valid.get(); *at; at = g_utf8_next_char(at)) {
        const gunichar character = g_utf8_get_char(at);
        const auto bytes = static_cast<std::size_t>(g_utf8_next_char(at) - at);
        if (line.size() + bytes > chapter_title_bytes_most)
            break;
        // What turns the direction of the text around it is no part of a name; other invisible characters
        // join letters of some scripts.
        const bool turns =
            (character >= 0x202a && character <= 0x202e) || (character >= 0x2066 && character <= 0x2069);
        const bool blank = turns || g_unichar_isspace(character) || g_unichar_iscntrl(character);
        if (!blank)
            line.append(at, bytes);
        else if (!line.empty() && line.back() != ' ')
            line += ' ';
    }
    while (!line.empty() && line.back() == ' ')
        line.pop_back();
    return line;
}

void write_chapters(json::Writer &writer, std::string_view name, const std::vector<Chapter> &chapters)
{
    writer.key(name).begin_array();
    for (const Chapter &chapter : chapters) {
        writer.begin_object().member("start_ns", chapter.start_ns).member("end_ns", chapter.end_ns);
        writer.member("title", chapter.title).member("language", chapter.language).end_object();
    }
    writer.end_array();
}

std::vector<Chapter> read_chapters(const json::Value &list, std::int64_t duration_ns)
{
    std::vector<Chapter> chapters;
    for (const auto &item : list.items()) {
        auto start_ns = item["start_ns"].integer();
        auto end_ns = item["end_ns"].integer();
        auto title = item["title"].string();
        auto language = item["language"].string();
        constexpr std::size_t tag_most = 35; // RFC 5646, 4.4.1
        const bool whole = start_ns && end_ns && title && language && language->size() <= tag_most;
        if (whole && chapters.size() < chapters_most)
            chapters.push_back({*start_ns, *end_ns, *title, *language});
    }
    return mend_chapters(std::move(chapters), duration_ns).chapters;
}

} // namespace butaca::media
