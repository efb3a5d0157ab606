// SPDX-License-Identifier: LGPL-2.1-or-later
// The tables between GStreamer's caps and our words for codecs, and which parser each one takes. Pure.
#pragma once

#include <string>

#include "src/base/gst.h"

namespace butaca::origin {

enum class TrackKind { video, audio, subtitle, other };

// What kind of track caps stand for; pictures count as video.
TrackKind kind_of(const GstCaps *caps);

// The name of a codec as facts.h lists them ("h264"), or the caps' own name where we have none.
std::string codec_of(const GstCaps *caps);

// The same for people: "DTS", "H.265 (HEVC)"; of a name that we do not know, what is telling in it.
std::string codec_name_for_people(const std::string &codec);

// The element that brings packets of these caps into the form that decoders and copies take, and the caps it
// has to give; empty where the demuxer's packets will do.
struct ParserChoice {
    std::string element;
    std::string output_caps;
};
ParserChoice parser_for(const GstCaps *caps);

// Samples in each packet where the codec fixes them, else 0.
unsigned codec_frame_samples(const GstCaps *caps);

// Is each sample coded by itself (or in blocks of a few), so that a demuxer gives as many at once as it
// happens to read? After a jump its packets then begin elsewhere than they did on the way from the start.
bool cut_anywhere(const GstCaps *caps);

// "ass", "webvtt", ...; empty for plain text, whose name depends on the container.
std::string subtitle_format(const GstCaps *caps);

// The caps of a subtitle track of Matroska that its demuxer does not know, by its CodecID; null when neither
// do we. "webm" tells that its packets are those of WebM: a cue's name and settings stand before its text, a
// line each.
Owned<GstCaps> matroska_subtitle_caps(const std::string &codec_id);

} // namespace butaca::origin
