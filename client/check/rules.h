// SPDX-License-Identifier: LGPL-2.1-or-later
// The rules that `butaca check` judges by: one table, from which the command's list and docs/check.md are
// made.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "client/words.h"

namespace butaca::client::check {

// How much a rule weighs: a MUST of its document, a SHOULD, or a remark that is no fault of the stream.
enum class Severity { must, should, note };

// In the order of the table. The names are those of the table, with underscores.
enum class Rule {
    // the text of a playlist
    playlist_encoding,
    playlist_bom,
    playlist_header,
    playlist_line,
    tag_unknown,
    tag_twice,
    tag_value,
    attribute_list,
    attribute_twice,
    attribute_type,
    attribute_missing,
    attribute_value,
    version_needed,
    playlist_kind,
    // media playlists
    segment_duration,
    target_missing,
    target_rounded,
    target_exceeded,
    target_six,
    target_same,
    sequence_late,
    type_vod,
    end_missing,
    map_missing,
    byte_range,
    uri_malformed,
    // multivariant playlists
    variant_uri,
    codecs_missing,
    codecs_agree,
    resolution_missing,
    resolution_agree,
    frame_rate_missing,
    frame_rate_agree,
    average_missing,
    average_agree,
    bandwidth_agree,
    peak_double,
    rates_several,
    rates_default,
    aspect_same,
    sound_apart,
    language_missing,
    name_unique,
    group_missing,
    groups_alike,
    default_single,
    default_autoselect,
    autoselect_distinct,
    forced_type,
    forced_autoselect,
    media_uri,
    channels_missing,
    captions_none,
    independent_named,
    independent_somewhere,
    // I-frame playlists
    iframes_missing,
    iframes_codecs,
    iframes_resolution,
    iframes_only,
    iframes_moof,
    // codecs
    video_codec,
    video_h264_level,
    video_hevc_level,
    video_hevc_container,
    video_parameter_sets,
    video_frame_rate,
    video_keyframes,
    sound_aac,
    sound_he_aac,
    // time
    time_range,
    time_start,
    time_borders,
    extinf_exact,
    tfdt_continuous,
    segment_idr,
    // MP4
    box_sizes,
    init_form,
    init_extends,
    init_durations,
    init_samples,
    fragment_form,
    fragment_tfdt,
    fragment_data,
    fragment_track,
    // transport streams and packed audio
    ts_packets,
    ts_tables,
    ts_tables_first,
    ts_counters,
    audio_timestamp,
    // subtitles
    subtitles_range,
    webvtt_header,
    webvtt_map,
    webvtt_cue,
    webvtt_place,
    // delivery
    delivery_missing,
    delivery_redirect,
    delivery_gzip,
    delivery_playlist_type,
    delivery_media_type,
    delivery_head,
    delivery_range,
    delivery_tls,
    // remarks
    delivery_local,
    not_vod,
    not_readable,
    not_all,
};
inline constexpr std::size_t rule_count = static_cast<std::size_t>(Rule::not_all) + 1;

struct RuleEntry {
    Rule rule;
    const char *id; // "tfdt-continuous"
    Severity severity;
    const char *clause; // the documents and their clauses: "RFC 8216 4.3.3.1", "Apple 7.7"
    // What to do, and what was found; in the latter each "{}" is replaced by a value of the finding.
    const char *demand_en;
    const char *demand_es;
    const char *found_en;
    const char *found_es;
};

// All rules, in the order of Rule.
std::span<const RuleEntry> rules();
const RuleEntry &entry_of(Rule rule);

const char *to_string(Severity severity); // "MUST", "SHOULD", "NOTE"
const char *demand_of(const RuleEntry &entry, Language language);
// The words of what was found, with each "{}" replaced in turn by a value; left as they are where none is.
std::string found_words(const RuleEntry &entry, std::span<const std::string> values, Language language);

// The table in Markdown; docs/check.md holds the English one.
std::string rules_in_markdown(Language language);

} // namespace butaca::client::check
