// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/playback/files/file_tags.h"

#include <array>

#include "src/playback/files/bytes.h"

namespace butaca::playback::files {

namespace {

// Cuts at a whole character of UTF-8.
std::string shortened(const std::string &text)
{
    constexpr std::size_t most_bytes = 512;
    if (text.size() <= most_bytes)
        return text;
    std::size_t end = most_bytes;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80)
        end--;
    return text.substr(0, end);
}

std::string synchsafe(std::size_t value)
{
    std::string out;
    for (const unsigned shift : {21U, 14U, 7U, 0U})
        out += static_cast<char>((value >> shift) & 0x7f);
    return out;
}

} // namespace

std::vector<std::pair<std::string, std::string>> told(const media::Tags &tags)
{
    const auto number = [](unsigned value) { return value ? std::to_string(value) : std::string(); };
    const std::array<std::pair<std::string, std::string>, 8> all = {{{"TITLE", tags.title},
                                                                     {"ARTIST", tags.artist},
                                                                     {"ALBUM", tags.album},
                                                                     {"ALBUMARTIST", tags.album_artist},
                                                                     {"GENRE", tags.genre},
                                                                     {"TRACKNUMBER", number(tags.track)},
                                                                     {"DISCNUMBER", number(tags.disc)},
                                                                     {"DATE", number(tags.year)}}};
    std::vector<std::pair<std::string, std::string>> fields;
    for (const auto &[name, value] : all)
        if (!value.empty())
            fields.emplace_back(name, shortened(value));
    return fields;
}

std::string id3_tag(const media::Tags &tags)
{
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 8> names = {
        {{"TITLE", "TIT2"},
         {"ARTIST", "TPE1"},
         {"ALBUM", "TALB"},
         {"ALBUMARTIST", "TPE2"},
         {"GENRE", "TCON"},
         {"TRACKNUMBER", "TRCK"},
         {"DISCNUMBER", "TPOS"},
         {"DATE", "TDRC"}}};
    std::string frames;
    for (const auto &[field, value] : told(tags))
        for (const auto &[name, frame] : names)
            if (name == field)
                frames +=
                    std::string(frame) + synchsafe(value.size() + 1) + std::string(2, '\0') + '\3' + value;
    if (frames.empty())
        return {};
    return std::string("ID3\4\0\0", 6) + synchsafe(frames.size()) + frames;
}

std::string vorbis_comment(const media::Tags &tags)
{
    const std::string vendor = "Butaca";
    const auto fields = told(tags);
    std::string out = little(vendor.size(), 4) + vendor + little(fields.size(), 4);
    for (const auto &[name, value] : fields) {
        out += little(name.size() + 1 + value.size(), 4);
        out.append(name).append("=").append(value);
    }
    return out;
}

} // namespace butaca::playback::files
