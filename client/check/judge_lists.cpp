// SPDX-License-Identifier: LGPL-2.1-or-later
#include "client/check/judge_lists.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <map>
#include <set>
#include <tuple>

#include "src/base/encoding.h"

namespace butaca::client::check {

namespace {

std::string text_of(const Variant &one, std::string_view name)
{
    return std::string(one.attributes.value_or(name, ""));
}

using Group = std::vector<const Variant *>;

void judge_member(const Variant &one, const std::string &name, Findings &findings)
{
    const Place place{name, one.line, no_segment};
    const AttributeList &said = one.attributes;
    const std::string type = text_of(one, "TYPE");
    const std::string called = text_of(one, "NAME");
    if (type != "VIDEO" && !said.find("LANGUAGE"))
        findings.add(Rule::language_missing, place, {called});
    if (said.is("DEFAULT", "YES") && said.is("AUTOSELECT", "NO"))
        findings.add(Rule::default_autoselect, place, {called});
    if (said.find("FORCED") && type != "SUBTITLES")
        findings.add(Rule::forced_type, place, {type});
    if (said.is("FORCED", "YES") && !said.is("AUTOSELECT", "YES"))
        findings.add(Rule::forced_autoselect, place, {called});
    if (type == "AUDIO" && !said.find("CHANNELS"))
        findings.add(Rule::channels_missing, place, {called});
    const bool captions = type == "CLOSED-CAPTIONS";
    if ((type == "SUBTITLES" && one.uri.empty()) ||
        (captions && (!one.uri.empty() || !said.find("INSTREAM-ID"))))
        findings.add(Rule::media_uri, place, {called});
}

void judge_group(const Group &group, const std::string &name, Findings &findings)
{
    std::set<std::string> names;
    std::map<std::array<std::string, 4>, std::string> automatic;
    bool has_default = false;
    for (const Variant *one : group) {
        const Place place{name, one->line, no_segment};
        const std::string called = text_of(*one, "NAME");
        if (!names.insert(called).second)
            findings.add(Rule::name_unique, place, {called, text_of(*one, "GROUP-ID")});
        if (one->attributes.is("DEFAULT", "YES")) {
            if (has_default)
                findings.add(Rule::default_single, place, {text_of(*one, "GROUP-ID")});
            has_default = true;
        }
        if (!one->attributes.is("AUTOSELECT", "YES"))
            continue;
        const std::array<std::string, 4> choice{text_of(*one, "LANGUAGE"), text_of(*one, "ASSOC-LANGUAGE"),
                                                std::string(one->attributes.value_or("FORCED", "NO")),
                                                text_of(*one, "CHARACTERISTICS")};
        const auto [other, is_new] = automatic.try_emplace(choice, called);
        if (!is_new)
            findings.add(Rule::autoselect_distinct, place, {other->second, called});
    }
}

std::set<std::string> names_of(const Group &group)
{
    std::set<std::string> names;
    for (const Variant *one : group)
        names.insert(text_of(*one, "NAME"));
    return names;
}

using Groups = std::map<std::pair<std::string, std::string>, Group>; // by type and id

void judge_groups(const MultivariantPlaylist &list, const Groups &groups, const std::string &name,
                  Findings &findings)
{
    std::map<std::string, const Groups::value_type *> first;
    for (const auto &entry : groups) {
        judge_group(entry.second, name, findings);
        const auto [other, is_new] = first.try_emplace(entry.first.first, &entry);
        if (!is_new && names_of(other->second->second) != names_of(entry.second))
            findings.add(Rule::groups_alike, {name, entry.second.front()->line, no_segment},
                         {other->second->first.second, entry.first.second});
    }
    for (const Variant &variant : list.variants)
        for (const char *type : {"AUDIO", "VIDEO", "SUBTITLES", "CLOSED-CAPTIONS"})
            if (const Attribute *named = variant.attributes.find(type);
                named && groups.count({type, named->value}) == 0 &&
                !(named->value == "NONE" && !named->quoted))
                findings.add(Rule::group_missing, {name, variant.line, no_segment}, {type, named->value});
}

void judge_variant(const Variant &variant, const std::string &name, Findings &findings)
{
    const Place place{name, variant.line, no_segment};
    if (!variant.attributes.find("CODECS"))
        findings.add(Rule::codecs_missing, place);
    if (!variant.attributes.find("AVERAGE-BANDWIDTH"))
        findings.add(Rule::average_missing, place);
    const auto rate = parse_decimal(variant.attributes.value_or("FRAME-RATE", ""));
    constexpr double fastest = 60.5; // 60 pictures a second, however they were rounded
    if (rate && *rate > fastest)
        findings.add(Rule::video_frame_rate, place, {number(*rate)});
}

void judge_default(const MultivariantPlaylist &list, const std::string &name, Findings &findings)
{
    constexpr double wanted_bps = 2e6;
    const double slack = std::log(1.1); // an average may be wrong by as much
    const auto distance = [](const Variant &one) {
        const auto bps = to_integer<std::uint64_t>(one.attributes.value_or("AVERAGE-BANDWIDTH", ""));
        return bps && *bps > 0 ? std::abs(std::log(static_cast<double>(*bps) / wanted_bps)) : HUGE_VAL;
    };
    const auto kbps = [](const Variant &one) {
        const auto bps =
            to_integer<std::uint64_t>(one.attributes.value_or("AVERAGE-BANDWIDTH", "")).value_or(0);
        return std::to_string(bps / 1000);
    };
    const Variant &first = list.variants.front();
    for (const Variant &variant : list.variants)
        if (says_pictures(variant) && distance(variant) + slack < distance(first))
            return findings.add(Rule::rates_default, {name, first.line, no_segment},
                                {kbps(first), kbps(variant)});
}

void judge_aspects(const MultivariantPlaylist &list, const std::string &name, Findings &findings)
{
    std::optional<Resolution> first;
    for (const Variant &variant : list.variants) {
        const auto size = parse_resolution(variant.attributes.value_or("RESOLUTION", ""));
        if (!size)
            continue;
        if (!first)
            first = size;
        // Sizes are even numbers, so ratios differ by up to a pixel or two in the smaller direction.
        const double wanted = static_cast<double>(size->height) * first->width / first->height;
        constexpr double slack_px = 2.01;
        if (std::abs(wanted - size->width) >
            slack_px * std::max(1.0, static_cast<double>(first->width) / first->height))
            findings.add(Rule::aspect_same, {name, variant.line, no_segment},
                         {std::to_string(size->width) + "x" + std::to_string(size->height),
                          std::to_string(first->width) + "x" + std::to_string(first->height)});
    }
}

} // namespace

bool says_pictures(const Variant &variant)
{
    if (variant.attributes.find("RESOLUTION") || variant.attributes.find("FRAME-RATE"))
        return true;
    const std::string_view codecs = variant.attributes.value_or("CODECS", "");
    for (const char *code : {"avc1", "avc3", "hvc1", "hev1", "dvh1", "dvhe", "av01", "vp09", "vp08"})
        if (codecs.find(code) != codecs.npos)
            return true;
    return false;
}

void judge_media_playlist(const MediaPlaylist &list, bool is_main, const std::string &name,
                          Findings &findings)
{
    if (!list.target_s)
        findings.add(Rule::target_missing, {name, 0, no_segment});
    else if (is_main && *list.target_s != 6)
        findings.add(Rule::target_six, {name, 0, no_segment}, {std::to_string(*list.target_s)});
    if (list.ends && !list.is_vod)
        findings.add(Rule::type_vod, {name, 0, no_segment});
    if (!list.ends && list.is_vod)
        findings.add(Rule::end_missing, {name, 0, no_segment});
    if (!list.ends && !list.is_vod)
        findings.add(Rule::not_vod, {name, 0, no_segment});
}

void judge_multivariant(const MultivariantPlaylist &list, const std::string &name, Findings &findings)
{
    Groups groups;
    for (const Variant &one : list.media) {
        judge_member(one, name, findings);
        groups[{text_of(one, "TYPE"), text_of(one, "GROUP-ID")}].push_back(&one);
    }
    judge_groups(list, groups, name, findings);
    for (const Variant &variant : list.variants)
        judge_variant(variant, name, findings);
    for (const Variant &variant : list.iframes) {
        const Place place{name, variant.line, no_segment};
        if (!variant.attributes.find("CODECS"))
            findings.add(Rule::iframes_codecs, place);
        if (!variant.attributes.find("RESOLUTION"))
            findings.add(Rule::iframes_resolution, place);
    }
    const auto none = std::count_if(list.variants.begin(), list.variants.end(), [](const Variant &one) {
        return one.attributes.is("CLOSED-CAPTIONS", "NONE");
    });
    if (none > 0 && none < static_cast<std::ptrdiff_t>(list.variants.size()))
        findings.add(Rule::captions_none, {name, 0, no_segment});
    if (std::none_of(list.variants.begin(), list.variants.end(), says_pictures))
        return;
    if (list.iframes.empty())
        findings.add(Rule::iframes_missing, {name, 0, no_segment});
    if (std::count_if(list.variants.begin(), list.variants.end(), says_pictures) < 2)
        findings.add(Rule::rates_several, {name, 0, no_segment});
    judge_default(list, name, findings);
    judge_aspects(list, name, findings);
}

} // namespace butaca::client::check
