// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/playback/ts/cmaf_reader.h"

#include <algorithm>
#include <vector>

#include "src/playback/ts/box_reader.h"

namespace butaca::playback::ts {

namespace {

// A chunk holds a second or so; a copied segment of 15 s at 100 Mbit/s would be larger than this.
constexpr std::size_t most_box_bytes = 256U << 20;
constexpr std::uint32_t most_samples = 100'000;
// 2^46 ticks are weeks at any timescale; beyond, multiplying by 90000 would overflow.
constexpr std::uint64_t most_decode_time = 1ULL << 46;
constexpr std::uint32_t non_sync_flag = 0x10000;

tl::unexpected<Error> broken(const char *what)
{
    return fail(ErrorCode::internal, "the segment cannot be read", what);
}

void append_annex_b(std::string &out, ByteView unit)
{
    out.append("\0\0\0\1", 4).append(reinterpret_cast<const char *>(unit.data()), unit.size());
}

std::string rest_of(BoxReader reader)
{
    const ByteView bytes = reader.bytes(reader.left());
    return {reinterpret_cast<const char *>(bytes.data()), bytes.size()};
}

// AVCDecoderConfigurationRecord, ISO/IEC 14496-15, 5.3.3.1.
Status read_avcc(BoxReader avcc, Track &track)
{
    track.configuration = rest_of(avcc);
    avcc.skip(4); // version, profile, compatibility, level
    track.length_bytes = (avcc.u8() & 3U) + 1;
    for (unsigned mask : {0x1fU, 0xffU}) // sequence, then picture parameter sets
        for (unsigned count = avcc.u8() & mask; count > 0 && avcc.good(); count--)
            append_annex_b(track.parameter_sets, avcc.bytes(avcc.u16()));
    if (!avcc.good())
        return broken("avcC ends too early");
    return {};
}

// A descriptor's length, ISO/IEC 14496-1, 8.3.3: seven bits to a byte.
std::size_t descriptor_bytes(BoxReader &reader)
{
    std::size_t length = 0;
    for (int i = 0; i < 4; i++) {
        const unsigned part = reader.u8();
        length = length << 7 | (part & 0x7f);
        if (!(part & 0x80))
            break;
    }
    return length;
}

// The AudioSpecificConfig (ISO/IEC 14496-3, 1.6.2.1) inside an esds box.
Status read_esds(BoxReader esds, Track &track)
{
    esds.skip(4); // version, flags
    if (esds.u8() != 0x03)
        return broken("esds without ES_Descriptor");
    descriptor_bytes(esds);
    esds.skip(3);
    if (esds.u8() != 0x04)
        return broken("esds without DecoderConfigDescriptor");
    descriptor_bytes(esds);
    esds.skip(13);
    if (esds.u8() != 0x05)
        return broken("esds without DecoderSpecificInfo");
    const ByteView specific = esds.bytes(descriptor_bytes(esds));
    track.configuration.assign(reinterpret_cast<const char *>(specific.data()), specific.size());
    BoxReader begin(specific);
    const unsigned config = begin.u16();
    if (!esds.good() || !begin.good())
        return broken("esds ends too early");
    track.object_type = config >> 11;
    track.rate_index = (config >> 7) & 0xf;
    track.channels = (config >> 3) & 0xf;
    return {};
}

// OpusSpecificBox, "Encapsulation of Opus in ISO base media file format", 4.3.2.
Status read_dops(BoxReader dops, Track &track)
{
    track.configuration = rest_of(dops);
    dops.skip(1); // version
    track.channels = dops.u8();
    return dops.good() ? Status() : broken("dOps ends too early");
}

std::optional<BoxReader> descend(BoxReader from, std::initializer_list<std::string_view> path)
{
    std::optional<BoxReader> at = from;
    for (auto type : path)
        if (at)
            at = at->find(type);
    return at;
}

Status read_sample_entry(BoxReader stsd, Track &track)
{
    constexpr std::size_t video_fields_bytes = 78;
    constexpr std::size_t audio_fields_bytes = 28;
    stsd.skip(8); // version, flags, count
    if (auto entry = stsd.find("avc1")) {
        entry->skip(video_fields_bytes);
        auto avcc = entry->find("avcC");
        return avcc ? read_avcc(*avcc, track) : broken("avc1 without avcC");
    }
    if (auto entry = stsd.find("mp4a")) {
        track.codec = Codec::aac;
        entry->skip(audio_fields_bytes);
        auto esds = entry->find("esds");
        return esds ? read_esds(*esds, track) : broken("mp4a without esds");
    }
    if (auto entry = stsd.find("hvc1")) {
        track.codec = Codec::hevc;
        entry->skip(video_fields_bytes);
        auto hvcc = entry->find("hvcC");
        if (!hvcc)
            return broken("hvc1 without hvcC");
        track.configuration = rest_of(*hvcc);
        return {};
    }
    if (auto entry = stsd.find("Opus")) {
        track.codec = Codec::opus;
        entry->skip(audio_fields_bytes);
        auto dops = entry->find("dOps");
        return dops ? read_dops(*dops, track) : broken("Opus without dOps");
    }
    return fail(ErrorCode::unsupported, "segments of this format can only be sent as they are");
}

// A moof's only track fragment, as segmentmux writes it.
struct Run {
    std::uint64_t decode_time = 0;
    std::optional<std::uint32_t> duration;
    std::optional<std::uint32_t> size_bytes;
    std::uint32_t flags = 0;
};

Result<Run> read_headers(BoxReader traf, std::uint32_t default_flags)
{
    auto tfhd = traf.find("tfhd");
    auto tfdt = traf.find("tfdt");
    if (!tfhd || !tfdt)
        return broken("traf without tfhd or tfdt");
    Run run;
    run.flags = default_flags;
    const std::uint32_t present = tfhd->u32() & 0xffffff;
    tfhd->skip(4); // track
    if (present & 0x1)
        tfhd->skip(8); // base offset
    if (present & 0x2)
        tfhd->skip(4); // sample description
    if (present & 0x8)
        run.duration = tfhd->u32();
    if (present & 0x10)
        run.size_bytes = tfhd->u32();
    if (present & 0x20)
        run.flags = tfhd->u32();
    const std::uint32_t version = tfdt->u32() >> 24;
    run.decode_time = version == 1 ? tfdt->u64() : tfdt->u32();
    if (!tfhd->good() || !tfdt->good() || run.decode_time > most_decode_time)
        return broken("tfhd or tfdt make no sense");
    return run;
}

Status read_samples(ByteView moof, ByteView payload, std::uint32_t default_flags,
                    const std::function<Status(const Sample &)> &take)
{
    auto traf = BoxReader(moof).find("traf");
    auto trun = traf ? traf->find("trun") : std::nullopt;
    if (!trun)
        return broken("moof without trun");
    auto run = read_headers(*traf, default_flags);
    if (!run)
        return fail(run.error());
    const std::uint32_t present = trun->u32() & 0xffffff;
    const std::uint32_t count = trun->u32();
    if (count > most_samples)
        return broken("too many samples");
    if (present & 0x1)
        trun->skip(4); // data offset: the payload begins where mdat does
    const std::uint32_t first_flags = present & 0x4 ? trun->u32() : run->flags;
    std::uint64_t decode_time = run->decode_time;
    for (std::uint32_t i = 0; i < count; i++) {
        const std::uint32_t duration = present & 0x100 ? trun->u32() : run->duration.value_or(0);
        const std::uint32_t size_bytes = present & 0x200 ? trun->u32() : run->size_bytes.value_or(0);
        const std::uint32_t flags = present & 0x400 ? trun->u32() : i == 0 ? first_flags : run->flags;
        const auto offset = static_cast<std::int32_t>(present & 0x800 ? trun->u32() : 0);
        if (!trun->good() || size_bytes > payload.size())
            return broken("trun does not fit its mdat");
        const auto decoded = static_cast<std::int64_t>(decode_time);
        if (auto taken = take({decoded, std::max<std::int64_t>(0, decoded + offset), !(flags & non_sync_flag),
                               payload.first(size_bytes)});
            !taken)
            return taken;
        payload = payload.subspan(size_bytes);
        decode_time += duration;
    }
    if (!payload.empty())
        return broken("mdat holds more than its samples");
    return {};
}

} // namespace

Result<Track> read_init(ByteView init)
{
    Track track;
    BoxReader file(init);
    auto mdia = descend(file, {"moov", "trak", "mdia"});
    auto mdhd = mdia ? mdia->find("mdhd") : std::nullopt;
    auto stsd = mdia ? descend(*mdia, {"minf", "stbl", "stsd"}) : std::nullopt;
    auto trex = descend(file, {"moov", "mvex", "trex"});
    if (!mdhd || !stsd || !trex)
        return broken("the init segment lacks boxes");
    const std::uint32_t version = mdhd->u32() >> 24;
    mdhd->skip(version == 1 ? 16 : 8); // creation and modification time
    track.timescale = mdhd->u32();
    trex->skip(20); // version, track, sample description, duration, size
    track.default_flags = trex->u32();
    if (!mdhd->good() || !trex->good() || track.timescale == 0)
        return broken("mdhd or trex make no sense");
    if (auto read = read_sample_entry(*stsd, track); !read)
        return fail(read.error());
    return track;
}

Status SampleReader::feed(ByteView piece, const std::function<Status(const Sample &)> &take)
{
    // Mostly a piece is whole chunks, which need not be copied.
    if (!pending_.empty())
        pending_.append(reinterpret_cast<const char *>(piece.data()), piece.size());
    std::string held = std::move(pending_);
    pending_.clear();
    ByteView rest =
        held.empty() ? piece : ByteView(reinterpret_cast<const std::uint8_t *>(held.data()), held.size());
    while (!rest.empty()) {
        auto size = box_size(rest);
        if (!size || *size > most_box_bytes)
            return broken("a box of no sane size");
        if (*size == 0 || *size > rest.size())
            break;
        if (auto taken = take_box(rest.first(*size), take); !taken)
            return taken;
        rest = rest.subspan(*size);
    }
    if (rest.size() == held.size())
        pending_ = std::move(held); // nothing became whole: a long box would be copied again for each piece
    else
        pending_.assign(reinterpret_cast<const char *>(rest.data()), rest.size());
    return {};
}

Status SampleReader::take_box(ByteView box, const std::function<Status(const Sample &)> &take)
{
    constexpr std::size_t header_bytes = 8;
    const ByteView body = box.subspan(header_bytes);
    if (box_type(box) == "moof") {
        moof_.assign(reinterpret_cast<const char *>(body.data()), body.size());
        return {};
    }
    if (box_type(box) != "mdat")
        return {};
    const std::string moof = std::move(moof_);
    moof_.clear();
    if (moof.empty())
        return broken("mdat without moof");
    return read_samples({reinterpret_cast<const std::uint8_t *>(moof.data()), moof.size()}, body,
                        default_flags_, take);
}

Status SampleReader::finish() const
{
    return pending_.empty() && moof_.empty() ? Status() : broken("the segment breaks off");
}

} // namespace butaca::playback::ts
