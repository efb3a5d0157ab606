// SPDX-License-Identifier: LGPL-2.1-or-later
#include "client/check/transport_stream.h"

#include <algorithm>

#include "client/check/nal.h"

namespace butaca::client::check {

namespace {

constexpr std::size_t packet_bytes = 188;
constexpr char sync_byte = 0x47;
constexpr std::uint16_t pat_pid = 0;
constexpr std::uint16_t null_pid = 0x1fff;
constexpr std::size_t pids_most = 64;
constexpr std::size_t samples_most = 1000000;
constexpr std::size_t first_unit_bytes = 64 << 10; // of a stream's first PES packet that is looked into
constexpr std::int64_t clock_wrap = std::int64_t{1} << 33;

struct Stream {
    unsigned type = 0;
    std::vector<Sample> samples; // pts is set; duration holds the decode time until the end
    // Of the PES packet under way: the beginning, until its header is whole, which may take several packets.
    std::string head;
    bool head_open = false;
    bool random_access = false;
    std::string first_unit;
    bool first_unit_open = false;
};

struct Packet {
    std::uint16_t pid = 0;
    bool unit_start = false;
    bool has_payload = false;
    bool discontinuity = false;
    bool random_access = false;
    unsigned counter = 0;
    std::string_view payload;
};

Packet read_packet(std::string_view bytes)
{
    ByteReader reader(bytes);
    reader.skip(1);
    const unsigned head = reader.u16();
    const unsigned control = reader.u8();
    Packet packet;
    packet.pid = static_cast<std::uint16_t>(head & 0x1fffU);
    packet.unit_start = (head & 0x4000U) != 0;
    packet.has_payload = (control & 0x10U) != 0;
    packet.counter = control & 15U;
    if ((control & 0x20U) != 0) {
        ByteReader field(reader.bytes(reader.u8()));
        if (!field.rest().empty()) {
            const unsigned flags = field.u8();
            packet.discontinuity = (flags & 0x80U) != 0;
            packet.random_access = (flags & 0x40U) != 0;
        }
    }
    if (packet.has_payload)
        packet.payload = reader.rest();
    return packet;
}

std::int64_t read_clock(ByteReader &reader)
{
    const std::uint64_t raw = reader.number(5);
    return static_cast<std::int64_t>((raw >> 33U & 7U) << 30U | (raw >> 17U & 0x7fffU) << 15U |
                                     (raw >> 1U & 0x7fffU));
}

// A time near to `other`, of all those that the 33 bits may mean.
std::int64_t unwrapped(std::int64_t time, std::int64_t other)
{
    while (time - other > clock_wrap / 2)
        time -= clock_wrap;
    while (other - time > clock_wrap / 2)
        time += clock_wrap;
    return time;
}

class StreamReader {
public:
    StreamReader(const Place &place, Findings &findings) : place_(place), findings_(findings) {}

    void take(const Packet &packet, std::size_t number);
    PackedSegment done();
    bool has_tables() const { return programs_ == 1 && has_pmt_; }
    std::size_t programs() const { return programs_; }
    bool tables_first() const { return tables_first_; }

private:
    void count(const Packet &packet);
    void take_pat(std::string_view section);
    void take_pmt(std::string_view section);
    Format format_of(const Stream &stream) const;

    const Place &place_;
    Findings &findings_;
    PackedSegment segment_;
    std::size_t programs_ = 0;
    std::uint16_t pmt_pid_ = null_pid;
    bool has_pmt_ = false;
    bool tables_first_ = true;
    std::map<std::uint16_t, Stream> streams_;
};

void StreamReader::count(const Packet &packet)
{
    if (packet.pid == null_pid || !packet.has_payload)
        return;
    const auto known = segment_.counters.find(packet.pid);
    if (known == segment_.counters.end()) {
        if (segment_.counters.size() < pids_most)
            segment_.counters[packet.pid] = {packet.counter, packet.counter};
        return;
    }
    Counters &counters = known->second;
    // A packet may be sent twice (2.4.3.3).
    const bool goes_on = packet.counter == ((counters.last + 1) & 15U) || packet.counter == counters.last;
    if (!goes_on && !packet.discontinuity)
        findings_.add(
            Rule::ts_counters, place_,
            {std::to_string(packet.pid), std::to_string(packet.counter), std::to_string(counters.last)});
    counters.last = packet.counter;
}

// The section that begins in this payload; without its checksum.
std::string_view section_of(std::string_view payload)
{
    ByteReader reader(payload);
    reader.skip(reader.u8()); // pointer_field
    reader.skip(1);
    const std::size_t size = reader.u16() & 0xfffU;
    const std::string_view section = reader.bytes(size);
    return section.size() < 4 ? std::string_view() : section.substr(0, section.size() - 4);
}

void StreamReader::take_pat(std::string_view section)
{
    ByteReader reader(section);
    reader.skip(5);
    std::size_t programs = 0;
    while (reader.rest().size() >= 4) {
        const unsigned number = reader.u16();
        const auto pid = static_cast<std::uint16_t>(reader.u16() & 0x1fffU);
        if (number == 0)
            continue; // the network's own table
        programs++;
        pmt_pid_ = pid;
    }
    programs_ = std::max(programs_, programs);
}

void StreamReader::take_pmt(std::string_view section)
{
    ByteReader reader(section);
    reader.skip(5 + 2);
    reader.skip(reader.u16() & 0xfffU);
    while (reader.rest().size() >= 5 && streams_.size() < pids_most) {
        const unsigned type = reader.u8();
        const auto pid = static_cast<std::uint16_t>(reader.u16() & 0x1fffU);
        reader.skip(reader.u16() & 0xfffU);
        if (reader.ok())
            streams_[pid].type = type;
    }
    has_pmt_ = true;
}

// The size of the PES header that begins here; 0 while that cannot be known. 2.4.3.6
std::size_t header_size(std::string_view head)
{
    constexpr std::size_t fixed_bytes = 9;
    return head.size() < fixed_bytes ? 0 : fixed_bytes + static_cast<unsigned char>(head[fixed_bytes - 1]);
}

void take_header(Stream &stream)
{
    stream.first_unit_open = stream.samples.empty();
    ByteReader reader(stream.head);
    if (reader.number(3) != 1 || stream.samples.size() == samples_most)
        return;
    reader.skip(4);
    const unsigned flags = reader.u8();
    ByteReader header(reader.bytes(reader.u8()));
    if ((flags & 0x80U) == 0)
        return;
    const std::int64_t pts = read_clock(header);
    const std::int64_t dts = (flags & 0x40U) != 0 ? read_clock(header) : pts;
    if (!header.ok())
        return;
    const std::int64_t near = stream.samples.empty() ? pts : stream.samples.front().pts;
    stream.samples.push_back({unwrapped(pts, near), unwrapped(dts, near), stream.random_access});
}

void take_unit(Stream &stream, const Packet &packet)
{
    if (packet.unit_start) {
        stream.head.clear();
        stream.head_open = true;
        stream.random_access = packet.random_access;
    }
    std::string_view rest = packet.payload;
    if (stream.head_open) {
        stream.head.append(rest);
        const std::size_t size = header_size(stream.head);
        if (size == 0 || stream.head.size() < size)
            return;
        stream.head_open = false;
        take_header(stream);
        rest = std::string_view(stream.head).substr(size);
    }
    if (stream.first_unit_open && stream.first_unit.size() < first_unit_bytes)
        stream.first_unit.append(rest);
}

void StreamReader::take(const Packet &packet, std::size_t number)
{
    count(packet);
    if ((number == 0 && packet.pid != pat_pid) || (number == 1 && packet.pid != pmt_pid_))
        tables_first_ = false;
    if (packet.pid == pat_pid && packet.unit_start)
        return take_pat(section_of(packet.payload));
    if (packet.pid == pmt_pid_ && packet.unit_start && !has_pmt_)
        return take_pmt(section_of(packet.payload));
    const auto stream = streams_.find(packet.pid);
    if (stream != streams_.end() && packet.has_payload)
        take_unit(stream->second, packet);
}

Format StreamReader::format_of(const Stream &stream) const
{
    Format format;
    if (stream.type == 0x1b) {
        format.entry = format.codecs = "avc1";
        if (const auto profile = avc_profile_in_byte_stream(stream.first_unit)) {
            format.codecs = avc_codecs("avc1", *profile);
            format.profile = static_cast<unsigned char>((*profile)[0]);
            format.level = static_cast<unsigned char>((*profile)[2]);
        }
    } else if (stream.type == 0x24) {
        format.entry = format.codecs = "hvc1";
    } else if (stream.type == 0x0f) {
        format.entry = format.codecs = "mp4a";
        if (stream.first_unit.size() >= 3)
            format.codecs +=
                ".40." + std::to_string((static_cast<unsigned char>(stream.first_unit[2]) >> 6U) + 1);
    } else if (stream.type == 3 || stream.type == 4) {
        format.entry = "mp3";
        format.codecs = "mp4a.40.34";
    } else if (stream.type == 0x81) {
        format.entry = format.codecs = "ac-3";
    } else if (stream.type == 0x87) {
        format.entry = format.codecs = "ec-3";
    }
    return format;
}

PackedSegment StreamReader::done()
{
    for (auto &[pid, stream] : streams_) {
        const Format format = format_of(stream);
        if (format.entry.empty())
            continue;
        segment_.formats.push_back(format);
        if (stream.samples.empty())
            continue;
        const bool picture = is_picture_codec(format.entry);
        const std::int64_t begin = stream.samples.front().duration;
        for (std::size_t i = 0; i < stream.samples.size(); i++)
            stream.samples[i].duration =
                i + 1 < stream.samples.size()
                    ? std::max<std::int64_t>(0, stream.samples[i + 1].duration - stream.samples[i].duration)
                    : 0;
        Part part = summed_up(pid, 90000, picture, begin, stream.samples);
        part.decode_end = part.decode_begin;
        part.shown_end = part.shown_end_most =
            std::max(part.shown_end, stream.samples.back().pts + part.frame);
        part.wraps = true;
        if (picture)
            part.starts_with_idr = has_idr_in_byte_stream(stream.first_unit, format.entry != "avc1");
        segment_.parts.insert(picture ? segment_.parts.begin() : segment_.parts.end(), part);
    }
    return std::move(segment_);
}

} // namespace

PackedSegment read_transport_stream(std::string_view bytes, bool has_map, const Place &place,
                                    Findings &findings)
{
    StreamReader reader(place, findings);
    for (std::size_t at = 0; at < bytes.size(); at += packet_bytes) {
        if (bytes[at] != sync_byte || bytes.size() - at < packet_bytes) {
            findings.add(Rule::ts_packets, place, {std::to_string(at)});
            break;
        }
        reader.take(read_packet(bytes.substr(at, packet_bytes)), at / packet_bytes);
    }
    if (!reader.has_tables() && !has_map)
        findings.add(Rule::ts_tables, place, {"PAT: " + std::to_string(reader.programs()) + " × program"});
    else if (!reader.tables_first() && !has_map)
        findings.add(Rule::ts_tables_first, place);
    return reader.done();
}

void judge_counters(const std::map<std::uint16_t, Counters> &before,
                    const std::map<std::uint16_t, Counters> &now, const Place &place, Findings &findings)
{
    for (const auto &[pid, counters] : now) {
        const auto old = before.find(pid);
        if (old == before.end())
            continue;
        const unsigned last = old->second.last;
        if (counters.first != ((last + 1) & 15U) && counters.first != last)
            findings.add(Rule::ts_counters, place,
                         {std::to_string(pid), std::to_string(counters.first), std::to_string(last)});
    }
}

bool looks_like_transport_stream(std::string_view bytes)
{
    return !bytes.empty() && bytes[0] == sync_byte &&
           (bytes.size() <= packet_bytes || bytes[packet_bytes] == sync_byte);
}

} // namespace butaca::client::check
