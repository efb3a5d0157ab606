// SPDX-License-Identifier: LGPL-2.1-or-later
#include "client/check/playlist.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "client/check/tags.h"
#include "src/base/encoding.h"

namespace butaca::client::check {

namespace {

// Takes the lines of a media playlist one by one.
class MediaReader {
public:
    MediaReader(const std::string &name, Findings &findings) : name_(name), findings_(findings) {}

    void take(const Tag &tag);
    MediaPlaylist done() { return std::move(list_); }

private:
    void take_uri(const Tag &line);
    void take_extinf(const Tag &tag);
    void take_map(const Tag &tag);
    void take_of_playlist(const Tag &tag);
    // What "n@o" means here; an offset that is left out is where the last range of that file ended.
    Range range_of(const ByteRange &wish, const std::string &uri, unsigned line);
    void bad_value(const Tag &tag)
    {
        findings_.add(Rule::tag_value, {name_, tag.line, no_segment}, {tag.name, tag.value});
    }

    const std::string &name_;
    Findings &findings_;
    MediaPlaylist list_;
    std::optional<double> duration_s_; // of the segment to come
    std::optional<ByteRange> byte_range_;
    bool discontinuity_ = false;
    bool encrypted_ = false;
    std::optional<std::size_t> map_;
    std::map<std::string, std::uint64_t> range_end_; // by file
};

void MediaReader::take(const Tag &tag)
{
    if (tag.name.empty())
        return take_uri(tag);
    if (tag.name == "EXTINF")
        return take_extinf(tag);
    if (tag.name == "EXT-X-MAP")
        return take_map(tag);
    if (tag.name == "EXT-X-DISCONTINUITY") {
        discontinuity_ = true;
    } else if (tag.name == "EXT-X-KEY") {
        encrypted_ = !tag.attributes.is("METHOD", "NONE");
    } else if (tag.name == "EXT-X-BYTERANGE") {
        byte_range_ = parse_byte_range(tag.value);
        if (!byte_range_)
            bad_value(tag);
    } else {
        take_of_playlist(tag);
    }
}

void MediaReader::take_of_playlist(const Tag &tag)
{
    if (tag.name == "EXT-X-TARGETDURATION") {
        list_.target_s = to_integer<unsigned>(tag.value);
        if (!list_.target_s)
            bad_value(tag);
    } else if (tag.name == "EXT-X-MEDIA-SEQUENCE" || tag.name == "EXT-X-DISCONTINUITY-SEQUENCE") {
        const auto first = to_integer<std::int64_t>(tag.value);
        if (!first || *first < 0)
            bad_value(tag);
        else if (tag.name == "EXT-X-MEDIA-SEQUENCE")
            list_.first_number = *first;
        if (!list_.segments.empty())
            findings_.add(Rule::sequence_late, {name_, tag.line, no_segment}, {tag.name});
    } else if (tag.name == "EXT-X-PLAYLIST-TYPE") {
        list_.is_vod = tag.value == "VOD";
        if (tag.value != "VOD" && tag.value != "EVENT")
            bad_value(tag);
    } else if (tag.name == "EXT-X-ENDLIST") {
        list_.ends = true;
    } else if (tag.name == "EXT-X-I-FRAMES-ONLY") {
        list_.iframes_only = true;
    } else if (tag.name == "EXT-X-INDEPENDENT-SEGMENTS") {
        list_.independent = true;
    }
}

// "<duration>,[<title>]"; the comma must be there (RFC 8216, 4.3.2.1).
void MediaReader::take_extinf(const Tag &tag)
{
    const std::size_t comma = tag.value.find(',');
    duration_s_ = parse_decimal(std::string_view(tag.value).substr(0, comma));
    constexpr double longest_s = 1e6;
    if (!duration_s_ || comma == std::string::npos || *duration_s_ > longest_s)
        bad_value(tag);
    duration_s_ = std::min(duration_s_.value_or(0), longest_s);
}

void MediaReader::take_map(const Tag &tag)
{
    Resource map{std::string(tag.attributes.value_or("URI", "")), {}, tag.line};
    if (const Attribute *bytes = tag.attributes.find("BYTERANGE")) {
        const auto wish = parse_byte_range(bytes->value);
        if (!wish)
            findings_.add(Rule::attribute_value, {name_, tag.line, no_segment},
                          {tag.name, bytes->name, bytes->value});
        else
            map.range = range_of(ByteRange{wish->size_bytes, wish->offset.value_or(0)}, map.uri, tag.line);
    }
    if (map.uri.empty())
        return;
    map_ = list_.maps.size();
    list_.maps.push_back(std::move(map));
}

Range MediaReader::range_of(const ByteRange &wish, const std::string &uri, unsigned line)
{
    const auto before = range_end_.find(uri);
    if (!wish.offset && before == range_end_.end())
        findings_.add(Rule::byte_range, {name_, line, no_segment});
    const Range range{wish.offset                  ? *wish.offset
                      : before == range_end_.end() ? 0
                                                   : before->second,
                      wish.size_bytes};
    // Offsets that are left out could add up for ever.
    range_end_[uri] = std::min<std::uint64_t>(range.offset + range.size_bytes, UINT64_MAX / 4);
    return range;
}

void MediaReader::take_uri(const Tag &line)
{
    const auto number = static_cast<std::int64_t>(list_.segments.size());
    const Place place{name_, line.line, number};
    Segment segment{Resource{line.value, {}, line.line}, duration_s_.value_or(0), map_, discontinuity_,
                    encrypted_};
    if (!duration_s_)
        findings_.add(Rule::segment_duration, place, {line.value});
    if (byte_range_)
        segment.resource.range = range_of(*byte_range_, line.value, line.line);
    if (list_.target_s && std::lround(segment.duration_s) > static_cast<long>(*list_.target_s))
        findings_.add(Rule::target_rounded, place,
                      {check::number(segment.duration_s), std::to_string(*list_.target_s)});
    list_.segments.push_back(std::move(segment));
    duration_s_.reset();
    byte_range_.reset();
    discontinuity_ = false;
}

MultivariantPlaylist read_multivariant(const std::vector<Tag> &lines, const std::string &name,
                                       Findings &findings)
{
    MultivariantPlaylist list;
    bool uri_due = false;
    const auto uri_never_came = [&] {
        if (uri_due)
            findings.add(Rule::variant_uri, {name, list.variants.back().line, no_segment});
        uri_due = false;
    };
    for (const Tag &line : lines) {
        if (line.name.empty()) {
            if (uri_due)
                list.variants.back().uri = line.value;
            else
                findings.add(Rule::playlist_kind, {name, line.line, no_segment}, {line.value});
            uri_due = false;
            continue;
        }
        uri_never_came();
        if (line.name == "EXT-X-STREAM-INF") {
            list.variants.push_back({line.attributes, {}, line.line});
            uri_due = true;
        } else if (line.name == "EXT-X-I-FRAME-STREAM-INF") {
            list.iframes.push_back(
                {line.attributes, std::string(line.attributes.value_or("URI", "")), line.line});
        } else if (line.name == "EXT-X-MEDIA") {
            list.media.push_back(
                {line.attributes, std::string(line.attributes.value_or("URI", "")), line.line});
        } else if (line.name == "EXT-X-INDEPENDENT-SEGMENTS") {
            list.independent = true;
        }
    }
    uri_never_came();
    std::erase_if(list.variants, [](const Variant &one) { return one.uri.empty(); });
    return list;
}

// RFC 8216, 7.
void judge_version(const std::vector<Tag> &lines, bool iframes_only, const std::string &name,
                   Findings &findings)
{
    unsigned version = 1;
    for (const Tag &line : lines)
        if (line.name == "EXT-X-VERSION") {
            const auto told = to_integer<unsigned>(line.value);
            if (!told)
                findings.add(Rule::tag_value, {name, line.line, no_segment}, {line.name, line.value});
            version = told.value_or(version);
        }
    const auto need = [&](const Tag &line, const std::string &what, unsigned least) {
        if (version < least)
            findings.add(Rule::version_needed, {name, line.line, no_segment},
                         {std::to_string(version), what, std::to_string(least)});
    };
    for (const Tag &line : lines) {
        if (line.name == "EXTINF" &&
            line.value.substr(0, line.value.find(',')).find('.') != std::string::npos)
            need(line, "EXTINF " + line.value, 3);
        if (line.name == "EXT-X-BYTERANGE" || line.name == "EXT-X-I-FRAMES-ONLY")
            need(line, line.name, 4);
        if (line.name == "EXT-X-KEY" && line.attributes.find("IV"))
            need(line, "IV", 2);
        if (line.name == "EXT-X-KEY" &&
            (line.attributes.find("KEYFORMAT") || line.attributes.find("KEYFORMATVERSIONS")))
            need(line, "KEYFORMAT", 5);
        if (line.name == "EXT-X-MAP")
            need(line, line.name, iframes_only ? 5 : 6);
        if (line.name == "EXT-X-MEDIA" && line.attributes.value_or("INSTREAM-ID", "").starts_with("SERVICE"))
            need(line, "SERVICE", 7);
    }
}

void judge_tags(const std::vector<Tag> &lines, bool is_multivariant, const std::string &name,
                Findings &findings)
{
    std::set<std::string> seen;
    for (const Tag &line : lines) {
        if (line.name.empty())
            continue;
        const TagInfo &info = tag_info(line.name);
        const Place place{name, line.line, no_segment};
        if (info.kind == TagKind::unknown)
            findings.add(Rule::tag_unknown, place, {line.name});
        if (info.once && !seen.insert(line.name).second)
            findings.add(Rule::tag_twice, place, {line.name});
        const bool of_media = info.kind == TagKind::media || info.kind == TagKind::media_segment;
        if (is_multivariant ? of_media : info.kind == TagKind::multivariant)
            findings.add(Rule::playlist_kind, place, {line.name});
        if (info.attributes)
            judge_attributes(line, name, findings);
    }
}

} // namespace

double MediaPlaylist::duration_s() const
{
    double sum = 0;
    for (const Segment &segment : segments)
        sum += segment.duration_s;
    return sum;
}

Playlist read_playlist(std::string_view text, const std::string &name, Findings &findings)
{
    const std::vector<Tag> lines = read_lines(text, name, findings);
    const auto any = [&](auto holds) { return std::any_of(lines.begin(), lines.end(), holds); };
    Playlist playlist;
    playlist.is_multivariant = any([](const Tag &line) {
                                   return line.name == "EXT-X-STREAM-INF" || line.name == "EXT-X-MEDIA" ||
                                          line.name == "EXT-X-I-FRAME-STREAM-INF";
                               }) &&
                               !any([](const Tag &line) { return line.name == "EXTINF"; });
    judge_tags(lines, playlist.is_multivariant, name, findings);
    if (playlist.is_multivariant) {
        playlist.multivariant = read_multivariant(lines, name, findings);
        judge_version(lines, false, name, findings);
        return playlist;
    }
    MediaReader reader(name, findings);
    for (const Tag &line : lines)
        reader.take(line);
    playlist.media = reader.done();
    judge_version(lines, playlist.media.iframes_only, name, findings);
    return playlist;
}

} // namespace butaca::client::check
