// SPDX-License-Identifier: LGPL-2.1-or-later
// Fragments: moof and mdat.
#include <algorithm>
#include <map>

#include "client/check/mp4.h"
#include "client/check/nal.h"

namespace butaca::client::check {

namespace {

constexpr std::size_t samples_most =
    1000000; // in one segment; a run may claim four thousand million in 8 bytes
constexpr std::uint32_t not_sync = 0x10000; // sample_is_non_sync_sample

// What tfhd says, or else trex.
struct Defaults {
    std::uint64_t base = 0; // in the file
    std::uint32_t duration = 0;
    std::uint32_t size = 0;
    std::uint32_t flags = 0;
};

struct Gathered {
    const Track *track = nullptr;
    std::int64_t decode_begin = 0;
    std::int64_t decode_end = 0;
    std::vector<Sample> samples;
    std::optional<bool> starts_with_idr;
};

class FragmentReader {
public:
    FragmentReader(std::string_view bytes, const Init &init, std::uint64_t file_offset, const Place &place,
                   Findings &findings)
        : bytes_(bytes), init_(init), file_offset_(file_offset), place_(place), findings_(findings)
    {
    }

    void take_moof(const Box &moof);
    std::vector<Part> done() const;
    void set_boxes(const Boxes &boxes) { boxes_ = &boxes; }

private:
    void take_traf(const Box &traf, std::size_t moof_at);
    void take_run(const Box &trun, Gathered &own, const Defaults &defaults);
    void take_sample(Gathered &own, std::uint32_t duration, std::uint32_t size, std::uint32_t flags,
                     std::int64_t offset);
    bool is_in_mdat(std::uint64_t begin, std::uint64_t end) const;

    std::string_view bytes_;
    const Init &init_;
    std::uint64_t file_offset_;
    const Place &place_;
    Findings &findings_;
    const Boxes *boxes_ = nullptr;
    std::map<std::uint32_t, Gathered> gathered_;
    std::uint64_t data_at_ = 0; // in bytes_: where the next sample lies
    std::size_t samples_ = 0;
};

bool FragmentReader::is_in_mdat(std::uint64_t begin, std::uint64_t end) const
{
    return std::any_of(boxes_->all.begin(), boxes_->all.end(), [&](const Box &box) {
        return box.type == "mdat" && box.payload_at <= begin && end <= box.payload_at + box.payload.size();
    });
}

void FragmentReader::take_moof(const Box &moof)
{
    const Boxes inside = children(moof);
    if (inside.bad_at)
        findings_.add(Rule::box_sizes, place_, {"moof", std::to_string(*inside.bad_at)});
    if (inside.count("traf") == 0)
        findings_.add(Rule::fragment_form, place_, {"moof, 0 × traf"});
    for (const Box &box : inside.all)
        if (box.type == "traf")
            take_traf(box, moof.at);
}

void FragmentReader::take_traf(const Box &traf, std::size_t moof_at)
{
    const Boxes inside = children(traf);
    if (inside.bad_at)
        findings_.add(Rule::box_sizes, place_, {"traf", std::to_string(*inside.bad_at)});
    const Box *header = inside.find("tfhd");
    if (!header)
        return findings_.add(Rule::fragment_form, place_, {"traf, 0 × tfhd"});
    ByteReader reader(header->payload);
    const std::uint32_t flags = reader.u32() & 0xffffffU;
    const std::uint32_t id = reader.u32();
    const Track *track = init_.find(id);
    if (!track) // without an init segment that could be read, another finding says so
        return init_.tracks.empty() ? void()
                                    : findings_.add(Rule::fragment_track, place_, {std::to_string(id)});
    Defaults defaults{file_offset_ + moof_at, track->default_duration, track->default_size,
                      track->default_flags};
    if ((flags & 1U) != 0)
        defaults.base = reader.number(8);
    if ((flags & 2U) != 0)
        reader.skip(4);
    if ((flags & 8U) != 0)
        defaults.duration = reader.u32();
    if ((flags & 16U) != 0)
        defaults.size = reader.u32();
    if ((flags & 32U) != 0)
        defaults.flags = reader.u32();
    const Box *time = inside.find("tfdt");
    if (!time)
        return findings_.add(Rule::fragment_tfdt, place_, {std::to_string(id)});
    ByteReader clock(time->payload);
    const bool wide = clock.u8() == 1;
    clock.skip(3);
    constexpr std::uint64_t latest = std::uint64_t{1} << 60U;
    const auto begin = static_cast<std::int64_t>(std::min(clock.number(wide ? 8 : 4), latest));
    const auto [entry, is_first] = gathered_.try_emplace(id);
    Gathered &own = entry->second;
    if (is_first)
        own = Gathered{track, begin, begin, {}, std::nullopt};
    else if (begin != own.decode_end)
        findings_.add(Rule::tfdt_continuous, place_,
                      {std::to_string(id), std::to_string(begin), std::to_string(own.decode_end)});
    own.decode_end = begin;
    data_at_ = defaults.base - file_offset_;
    for (const Box &box : inside.all)
        if (box.type == "trun")
            take_run(box, own, defaults);
}

void FragmentReader::take_run(const Box &trun, Gathered &own, const Defaults &defaults)
{
    ByteReader reader(trun.payload);
    const unsigned version = reader.u8();
    const auto flags = static_cast<std::uint32_t>(reader.number(3));
    const std::uint32_t count = reader.u32();
    if ((flags & 1U) != 0)
        data_at_ =
            defaults.base +
            static_cast<std::uint64_t>(static_cast<std::int64_t>(static_cast<std::int32_t>(reader.u32()))) -
            file_offset_;
    const std::uint32_t first_flags = (flags & 4U) != 0 ? reader.u32() : defaults.flags;
    const std::uint64_t run_begin = data_at_;
    for (std::uint32_t i = 0; i < count; i++) {
        if (samples_++ == samples_most)
            return findings_.add(Rule::fragment_form, place_,
                                 {"trun, sample_count = " + std::to_string(count)});
        const std::uint32_t duration = (flags & 0x100U) != 0 ? reader.u32() : defaults.duration;
        const std::uint32_t size = (flags & 0x200U) != 0 ? reader.u32() : defaults.size;
        const std::uint32_t told = (flags & 0x400U) != 0 ? reader.u32()
                                   : i == 0              ? first_flags
                                                         : defaults.flags;
        const std::uint32_t raw = (flags & 0x800U) != 0 ? reader.u32() : 0;
        if (!reader.ok())
            return findings_.add(Rule::box_sizes, place_, {"trun", std::to_string(trun.at)});
        const std::int64_t offset = version == 0 ? std::int64_t{raw} : static_cast<std::int32_t>(raw);
        take_sample(own, duration, size, told, offset);
    }
    if (count > 0 && !is_in_mdat(run_begin, data_at_))
        findings_.add(Rule::fragment_data, place_,
                      {std::to_string(own.track->id), std::to_string(run_begin), std::to_string(data_at_)});
}

void FragmentReader::take_sample(Gathered &own, std::uint32_t duration, std::uint32_t size,
                                 std::uint32_t flags, std::int64_t offset)
{
    if (own.samples.empty() && data_at_ <= bytes_.size() && size <= bytes_.size() - data_at_)
        own.starts_with_idr = has_idr(bytes_.substr(data_at_, size), own.track->format);
    own.samples.push_back(
        {own.decode_end + offset - own.track->media_time, duration, (flags & not_sync) == 0});
    own.decode_end += duration;
    data_at_ += size;
}

std::vector<Part> FragmentReader::done() const
{
    std::vector<Part> parts;
    for (const auto &[id, own] : gathered_) {
        if (own.samples.empty())
            continue;
        Part part =
            summed_up(id, own.track->timescale, own.track->handler == "vide", own.decode_begin, own.samples);
        part.decode_end = own.decode_end; // fragments inside may not follow each other
        if (part.is_picture)
            part.starts_with_idr = own.samples.front().sync && own.starts_with_idr.value_or(true);
        parts.push_back(part);
    }
    return parts;
}

} // namespace

std::vector<Part> read_fragments(std::string_view bytes, const Init &init, std::uint64_t file_offset,
                                 const Place &place, Findings &findings)
{
    const Boxes boxes = split_boxes(bytes, 0);
    if (boxes.bad_at)
        findings.add(Rule::box_sizes, place,
                     {boxes.all.empty() ? "?" : boxes.all.back().type, std::to_string(*boxes.bad_at)});
    FragmentReader reader(bytes, init, file_offset, place, findings);
    reader.set_boxes(boxes);
    bool mdat_due = false;
    std::size_t fragments = 0;
    for (const Box &box : boxes.all) {
        if (box.type == "moof") {
            if (mdat_due)
                findings.add(Rule::fragment_form, place, {"moof, 0 × mdat"});
            mdat_due = true;
            fragments++;
            reader.take_moof(box);
        } else if (box.type == "mdat") {
            mdat_due = false;
        }
    }
    if (fragments == 0 || (mdat_due && !boxes.bad_at))
        findings.add(
            Rule::fragment_form, place,
            {std::to_string(fragments) + " × moof, " + std::to_string(boxes.count("mdat")) + " × mdat"});
    return reader.done();
}

bool looks_like_mp4(std::string_view bytes)
{
    if (bytes.size() < 8)
        return false;
    const std::string_view type = bytes.substr(4, 4);
    for (const char *known : {"ftyp", "styp", "moof", "moov", "sidx", "emsg", "prft", "free", "skip", "mdat"})
        if (type == known)
            return true;
    return false;
}

} // namespace butaca::client::check
