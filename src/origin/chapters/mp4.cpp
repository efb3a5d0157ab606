// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/origin/chapters/mp4.h"

#include <algorithm>
#include <array>
#include <optional>
#include <set>

#include "src/origin/chapters/mp4_boxes.h"
#include "src/origin/subtitles/charset.h"
#include "src/origin/subtitles/sidecar_name.h"

namespace butaca::origin {

namespace {

constexpr std::size_t moov_bytes_most = 64UL << 20;
constexpr std::int64_t second_ns = 1'000'000'000;

// A time of a file, which may claim anything, in nanoseconds.
std::int64_t to_ns(std::uint64_t ticks, std::uint32_t timescale)
{
    constexpr std::uint64_t most_s = 1000ULL * 3600;
    if (timescale == 0 || ticks / timescale > most_s)
        return static_cast<std::int64_t>(most_s) * second_ns;
    return static_cast<std::int64_t>(static_cast<unsigned __int128>(ticks) * second_ns / timescale);
}

struct Sample {
    std::uint64_t offset = 0;
    std::uint32_t size_bytes = 0;
    std::uint64_t start = 0; // in the track's ticks
    std::uint64_t end = 0;
};

// Where the samples of a track are and how long they last (ISO/IEC 14496-12, 8.6.1.2, 8.7): as many as all
// the tables agree on, and no more than there may be chapters.
class SampleTable {
public:
    explicit SampleTable(std::string_view stbl) : stbl_(stbl) {}

    std::vector<Sample> samples() const
    {
        std::vector<Sample> samples;
        add_times(samples);
        add_sizes(samples);
        add_places(samples);
        return samples;
    }

private:
    Fields table(const char *type) const
    {
        Fields fields(mp4_box(stbl_, {type}).value_or(""));
        fields.skip(4); // version and flags
        return fields;
    }

    void add_times(std::vector<Sample> &samples) const
    {
        Fields stts = table("stts");
        std::uint64_t at = 0;
        for (std::uint32_t rows = stts.number(4); rows > 0 && stts.good(); rows--) {
            const std::uint32_t count = stts.number(4);
            const std::uint32_t length = stts.number(4);
            for (std::uint32_t i = 0; i < count && stts.good() && samples.size() < media::chapters_most;
                 i++) {
                samples.push_back({0, 0, at, at + length});
                at += length;
            }
        }
    }

    void add_sizes(std::vector<Sample> &samples) const
    {
        Fields stsz = table("stsz");
        const std::uint32_t all_alike = stsz.number(4);
        const std::uint32_t count = stsz.number(4);
        samples.resize(std::min<std::size_t>(samples.size(), stsz.good() ? count : 0));
        for (std::size_t i = 0; i < samples.size(); i++) {
            samples[i].size_bytes = all_alike != 0 ? all_alike : stsz.number(4);
            if (!stsz.good())
                return samples.resize(i);
        }
    }

    void add_places(std::vector<Sample> &samples) const
    {
        const bool wide = !mp4_box(stbl_, {"stco"});
        Fields chunks = table(wide ? "co64" : "stco");
        Fields runs = table("stsc");
        std::uint32_t runs_left = runs.number(4);
        std::uint32_t chunk_count = chunks.number(4);
        std::uint32_t next_first = runs_left > 0 ? runs.number(4) : 0;
        std::uint32_t per_chunk = 0;
        std::size_t next = 0;
        for (std::uint32_t chunk = 1; chunk <= chunk_count && next < samples.size(); chunk++) {
            std::uint64_t offset = wide ? number64(chunks) : chunks.number(4);
            if (runs_left > 0 && chunk >= next_first) {
                per_chunk = runs.number(4);
                runs.skip(4); // sample description
                next_first = --runs_left > 0 ? runs.number(4) : 0;
            }
            if (!chunks.good() || !runs.good())
                break;
            for (std::uint32_t i = 0; i < per_chunk && next < samples.size(); i++) {
                samples[next].offset = offset;
                offset += samples[next++].size_bytes;
            }
        }
        samples.resize(next);
    }

    std::string_view stbl_;
};

std::uint32_t timescale_of(std::string_view header)
{
    Fields fields(header);
    const bool wide = fields.number(1) == 1;
    fields.skip(wide ? 3 + 16 : 3 + 8);
    return fields.number(4);
}

// Three letters of five bits each (ISO/IEC 14496-12, 8.4.2.3).
std::string language_of(std::string_view mdhd)
{
    Fields fields(mdhd);
    const bool wide = fields.number(1) == 1;
    fields.skip(wide ? 3 + 28 : 3 + 16);
    const std::uint32_t packed = fields.number(2);
    std::string word;
    for (unsigned shift : {10U, 5U, 0U})
        word += static_cast<char>(0x60 + (packed >> shift & 0x1f));
    return language_from(word);
}

struct Track {
    std::uint32_t id = 0;
    std::string_view body;
};

std::vector<Track> tracks_of(std::string_view moov)
{
    std::vector<Track> tracks;
    for (const Mp4Box &box : mp4_boxes(moov)) {
        auto header = box.type == "trak" ? mp4_box(box.body, {"tkhd"}) : std::nullopt;
        if (!header)
            continue;
        Fields fields(*header);
        const bool wide = fields.number(1) == 1;
        fields.skip(wide ? 3 + 16 : 3 + 8);
        tracks.push_back({fields.number(4), box.body});
    }
    return tracks;
}

// The tracks that others call their chapters.
std::set<std::uint32_t> chapter_tracks(const std::vector<Track> &tracks)
{
    constexpr std::size_t most = 16;
    std::set<std::uint32_t> ids;
    for (const Track &track : tracks) {
        const std::string_view list = mp4_box(track.body, {"tref", "chap"}).value_or("");
        Fields fields(list);
        for (std::size_t i = 0; i < list.size() / 4 && ids.size() < most; i++)
            ids.insert(fields.number(4));
    }
    return ids;
}

// How much later than on its own axis a track is presented (ISO/IEC 14496-12, 8.6.6): by the empty edits at
// its beginning, less where in the media the first other one begins.
std::int64_t edit_ns(std::string_view trak, std::uint32_t movie_scale, std::uint32_t media_scale)
{
    auto list = mp4_box(trak, {"edts", "elst"});
    if (!list)
        return 0;
    Fields fields(*list);
    const bool wide = fields.number(1) == 1;
    fields.skip(3);
    constexpr std::uint32_t edits_most = 64;
    std::int64_t later_ns = 0;
    for (std::uint32_t left = std::min(fields.number(4), edits_most); left > 0; left--) {
        const std::uint64_t length = wide ? number64(fields) : fields.number(4);
        const std::int64_t begin =
            wide ? static_cast<std::int64_t>(number64(fields)) : static_cast<std::int32_t>(fields.number(4));
        fields.skip(4); // rate
        if (!fields.good())
            return 0;
        if (begin >= 0)
            return later_ns - to_ns(static_cast<std::uint64_t>(begin), media_scale);
        later_ns += to_ns(length, movie_scale);
    }
    return 0;
}

// A sample of a text track: its length in 16 bits, then UTF-8 or, with its mark, UTF-16.
std::string text_in(const std::string &sample)
{
    Fields fields(sample);
    const std::size_t length = fields.number(2);
    return to_utf8(fields.rest().substr(0, length));
}

std::vector<media::Chapter> chapters_of_track(const ReadAt &read, std::string_view trak,
                                              std::uint32_t movie_scale)
{
    std::vector<media::Chapter> chapters;
    auto handler = mp4_box(trak, {"mdia", "hdlr"});
    auto header = mp4_box(trak, {"mdia", "mdhd"});
    auto stbl = mp4_box(trak, {"mdia", "minf", "stbl"});
    // Beside the names there may be a track of pictures for the same chapters.
    if (!handler || !header || !stbl || handler->size() < 12 ||
        (handler->substr(8, 4) != "text" && handler->substr(8, 4) != "sbtl"))
        return chapters;
    const std::uint32_t scale = timescale_of(*header);
    const std::int64_t later_ns = edit_ns(trak, movie_scale, scale);
    const std::string language = language_of(*header);
    constexpr std::size_t text_bytes_most = 4096;
    for (const Sample &sample : SampleTable(*stbl).samples()) {
        const std::string bytes =
            read(sample.offset, std::min<std::size_t>(sample.size_bytes, text_bytes_most));
        chapters.push_back({to_ns(sample.start, scale) + later_ns, to_ns(sample.end, scale) + later_ns,
                            text_in(bytes), language});
    }
    return chapters;
}

// Nero's list: starts in units of 100 ns and names, up to 255 of them.
std::vector<media::Chapter> nero_chapters(std::string_view moov)
{
    std::vector<media::Chapter> chapters;
    auto list = mp4_box(moov, {"udta", "chpl"});
    if (!list)
        return chapters;
    Fields fields(*list);
    const bool reserved = fields.number(1) == 1;
    fields.skip(reserved ? 3 + 4 : 3);
    for (std::uint32_t left = fields.number(1); left > 0 && fields.good(); left--) {
        constexpr std::uint32_t units_per_second = 10'000'000;
        const std::int64_t start_ns = to_ns(number64(fields), units_per_second);
        const std::size_t length = fields.number(1);
        const std::string_view title = fields.rest().substr(0, length);
        fields.skip(length);
        if (fields.good())
            chapters.push_back({start_ns, 0, to_utf8(title), ""});
    }
    return chapters;
}

// The film's description, wherever in the file it lies.
std::string moov_of(const ReadAt &read, std::uint64_t size_bytes)
{
    constexpr unsigned boxes_most = 10'000;
    constexpr std::size_t wide_header_bytes = 16;
    std::uint64_t at = 0;
    for (unsigned i = 0; i < boxes_most && at < size_bytes; i++) {
        const std::string head = read(at, wide_header_bytes);
        Fields fields(head);
        std::uint64_t size = fields.number(4);
        const std::string_view type = std::string_view(head).substr(std::min<std::size_t>(4, head.size()), 4);
        fields.skip(4);
        if (size == 1)
            size = number64(fields);
        else if (size == 0)
            size = size_bytes - at;
        if (size < 8 || size > size_bytes - at)
            return {};
        if (type == "moov" && size <= moov_bytes_most) {
            const std::string box = read(at, static_cast<std::size_t>(size));
            return std::string(mp4_box(box, {"moov"}).value_or(""));
        }
        at += size;
    }
    return {};
}

} // namespace

std::vector<media::Chapter> mp4_chapters(const ReadAt &read, std::uint64_t size_bytes)
{
    const std::string moov = moov_of(read, size_bytes);
    const std::uint32_t movie_scale = timescale_of(mp4_box(moov, {"mvhd"}).value_or(""));
    const auto tracks = tracks_of(moov);
    const auto wanted = chapter_tracks(tracks);
    std::vector<media::Chapter> chapters;
    for (const Track &track : tracks) {
        if (!wanted.contains(track.id) || chapters.size() >= media::chapters_most)
            continue;
        auto more = chapters_of_track(read, track.body, movie_scale);
        chapters.insert(chapters.end(), std::make_move_iterator(more.begin()),
                        std::make_move_iterator(more.end()));
    }
    return chapters.empty() ? nero_chapters(moov) : chapters;
}

} // namespace butaca::origin
