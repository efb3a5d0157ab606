// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/origin/subtitles/vobsub.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "src/origin/subtitles/fields.h"
#include "src/origin/subtitles/lines.h"
#include "src/origin/subtitles/sidecar_name.h"

namespace butaca::origin {

namespace {

constexpr std::size_t tracks_most = 32;
constexpr std::size_t name_bytes_most = 64;
constexpr std::int64_t shift_most_ns = 360'000'000'000'000; // a hundred hours

template <typename Number> std::optional<Number> take_number(std::string_view &text, int base = 10)
{
    text = trimmed(text);
    Number value = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
    if (error != std::errc())
        return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return value;
}

// "size: 720x576" as "size" and "720x576"; the key in small letters.
struct Entry {
    std::string_view key;
    std::string_view value;
};

Entry entry_of(std::string_view line)
{
    line = trimmed(line);
    auto colon = line.find(':');
    if (line.starts_with('#') || colon == std::string_view::npos)
        return {};
    return {trimmed(line.substr(0, colon)), trimmed(line.substr(colon + 1))};
}

// "-01:02:03:500", milliseconds last.
std::optional<std::int64_t> take_shift(std::string_view &text)
{
    text = trimmed(text);
    bool back = text.starts_with('-');
    if (back || text.starts_with('+'))
        text.remove_prefix(1);
    std::int64_t value = 0;
    for (std::int64_t most : {9999, 59, 59, 999}) {
        auto part = take_number<std::uint16_t>(text);
        if (!part || *part > most)
            return std::nullopt;
        value = value * (most == 999 ? 1000 : 60) + *part;
        if (most != 999 && !text.starts_with(':'))
            return std::nullopt;
        if (most != 999)
            text.remove_prefix(1);
    }
    return (back ? -value : value) * 1'000'000;
}

std::optional<SpuPalette> palette_from(std::string_view text)
{
    SpuPalette palette{};
    for (auto &colour : palette) {
        auto rgb = take_number<std::uint32_t>(text, 16);
        if (!rgb)
            return std::nullopt;
        colour = {static_cast<std::uint8_t>(*rgb >> 16), static_cast<std::uint8_t>(*rgb >> 8),
                  static_cast<std::uint8_t>(*rgb)};
        text = trimmed(text);
        if (text.starts_with(','))
            text.remove_prefix(1);
    }
    return palette;
}

void take_size(std::string_view text, SpuHead &head)
{
    auto width = take_number<std::uint32_t>(text);
    text = trimmed(text);
    if (!width || !text.starts_with('x'))
        return;
    text.remove_prefix(1);
    auto height = take_number<std::uint32_t>(text);
    if (!height || *width == 0 || *height == 0 || *width > media::cue_canvas_most ||
        *height > media::cue_canvas_most)
        return;
    head.canvas_width = *width;
    head.canvas_height = *height;
}

// Walks over the packets of a program stream (ISO 13818-1, 2.5.3), from one place on, and gathers one
// sub-picture.
class Packets {
public:
    Packets(std::string_view stream, std::uint64_t at, std::optional<unsigned> id)
        : rest_(stream.substr(std::min<std::uint64_t>(at, stream.size()))), id_(id)
    {
        // An index that points anywhere must not make us read everything each time.
        rest_ = rest_.substr(0, looked_at_bytes);
    }
    // All of it, or less when it is not there.
    std::string gather()
    {
        while (next() && (wanted() == 0 || spu_.size() < wanted()))
            ;
        return std::move(spu_);
    }

private:
    static constexpr std::size_t looked_at_bytes = 1UL << 20;
    static constexpr unsigned pack_start = 0xba;
    static constexpr unsigned system_start = 0xbb;
    static constexpr unsigned private_stream_1 = 0xbd;

    std::size_t wanted() const { return spu_.size() < 2 ? 0 : Fields(spu_).number(2); }

    bool next()
    {
        Fields head(rest_);
        if (head.number(3) != 1 || !head.good())
            return false;
        unsigned code = head.number(1);
        std::size_t size = 0;
        if (code == pack_start) {
            // MPEG-1 has shorter ones; MPEG-2 says how much stuffing follows.
            bool second = (head.number(1) & 0xc0) == 0x40;
            head.skip(8);
            size = second ? 14 + (head.number(1) & 7) : 12;
        } else if (code >= system_start) {
            size = 6 + head.number(2);
            if (code == private_stream_1 && head.good())
                take(rest_.substr(6, size - 6));
        }
        if (size == 0 || !head.good() || size > rest_.size())
            return false;
        rest_.remove_prefix(size);
        return true;
    }
    void take(std::string_view packet)
    {
        Fields fields(packet);
        if ((fields.number(1) & 0xc0) != 0x80)
            return;
        fields.skip(1);
        fields.skip(fields.number(1));
        unsigned id = fields.number(1);
        if (!fields.good() || (id & 0xe0) != 0x20 || (id_ && *id_ != id))
            return;
        id_ = id;
        spu_ += fields.rest();
    }

    std::string_view rest_;
    std::optional<unsigned> id_;
    std::string spu_;
};

// Reads the index line by line; each language has a reader of its own.
class Index {
public:
    Index(std::string_view index, std::string_view stream) : stream_(stream), head_(vobsub_head(index))
    {
        for (auto line : lines_of(index))
            take(entry_of(line));
        finish_track();
    }
    std::vector<VobSubTrack> tracks;

private:
    void take(Entry entry)
    {
        if (entry.key == "id") {
            begin_track(entry.value);
        } else if (entry.key == "langidx") {
            default_ = take_number<unsigned>(entry.value);
        } else if (entry.key == "alt") {
            if (entry.value.size() <= name_bytes_most)
                track_.name = entry.value;
        } else if (entry.key == "delay") {
            if (auto shift = take_shift(entry.value))
                shift_ns_ = std::clamp(shift_ns_ + *shift, -shift_most_ns, shift_most_ns);
        } else if (entry.key == "timestamp") {
            take_picture(entry.value);
        }
    }
    // "en, index: 0".
    void begin_track(std::string_view value)
    {
        finish_track();
        auto comma = std::min(value.find(','), value.size());
        track_.language = language_from(trimmed(value.substr(0, comma)));
        auto index = entry_of(value.substr(std::min(comma + 1, value.size())));
        if (index.key != "index")
            return;
        number_ = take_number<unsigned>(index.value);
        if (number_ && *number_ < 32)
            id_ = 0x20 + *number_;
    }
    // "00:00:02:833, filepos: 00000a000".
    void take_picture(std::string_view value)
    {
        if (!reader_)
            reader_.emplace(head_);
        auto time = take_shift(value);
        auto position = value.find("filepos:");
        std::string_view digits = position == std::string_view::npos ? "" : value.substr(position + 8);
        auto at = take_number<std::uint64_t>(digits, 16);
        if (!time || !at)
            return reader_->skip();
        std::string spu = Packets(stream_, *at, id_).gather();
        if (*time + shift_ns_ + shown_at_most_ns > 0)
            reader_->take(*time + shift_ns_, *time + shift_ns_, spu);
    }
    void finish_track()
    {
        if (reader_)
            track_.subtitles = reader_->finish();
        if (!track_.subtitles.cues.empty() && tracks.size() < tracks_most) {
            track_.is_default = default_ && default_ == number_;
            tracks.push_back(std::move(track_));
        }
        track_ = {};
        reader_.reset();
        number_.reset();
        id_.reset();
        shift_ns_ = 0;
    }

    static constexpr std::int64_t shown_at_most_ns = 10'000'000'000;
    const std::string_view stream_;
    const SpuHead head_;
    std::optional<unsigned> default_;
    // The language under way.
    VobSubTrack track_;
    std::optional<SpuReader> reader_;
    std::optional<unsigned> number_;
    std::optional<unsigned> id_;
    std::int64_t shift_ns_ = 0;
};

} // namespace

bool looks_like_vobsub(std::string_view bytes) { return bytes.starts_with("# VobSub index file"); }

SpuHead vobsub_head(std::string_view text)
{
    SpuHead head;
    for (auto line : lines_of(text)) {
        Entry entry = entry_of(line);
        if (entry.key == "size")
            take_size(entry.value, head);
        else if (entry.key == "palette")
            head.palette = palette_from(entry.value);
    }
    return head;
}

Result<std::vector<VobSubTrack>> parse_vobsub(std::string_view index, std::string_view program_stream)
{
    Index read(index, program_stream);
    if (read.tracks.empty())
        return fail(ErrorCode::unsupported, "no picture of its index is in the file beside it");
    return std::move(read.tracks);
}

} // namespace butaca::origin
