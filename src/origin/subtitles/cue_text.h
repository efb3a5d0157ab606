// SPDX-License-Identifier: LGPL-2.1-or-later
// Text of strangers as WebVTT cue text (W3C WebVTT, 4.2.2): what is no tag of WebVTT is shown, never passed
// on.
#pragma once

#include <string>
#include <string_view>

namespace butaca::origin {

// `&`, `<` and `>` as entities; control characters and carriage returns gone; empty lines taken out.
std::string plain_cue_text(std::string_view text);

// Keeps b, i and u, and with `webvtt` also ruby, rt, v, lang and c, closed in the right order; takes <font>,
// <span> and WebVTT's times out; shows all other tags as text. Entities that are known are read first, so
// that
// "&amp;" stays one. Linear in the text's length.
std::string marked_cue_text(std::string_view text, bool webvtt);

} // namespace butaca::origin
