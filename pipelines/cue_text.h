// SPDX-License-Identifier: LGPL-2.1-or-later
// WebVTT cue text and settings as parts of an ASS event. Pure.
#pragma once

#include <string>
#include <string_view>

namespace butaca::pipelines {

// Cue text (W3C WebVTT, 4.2.2) as the text of an ASS event. b, i, u and the colour classes become override
// tags; ruby text follows its base in parentheses; v, lang and other classes show their text. Braces and
// backslashes of the text stay what they are, and never begin a tag. Any bytes may come.
std::string ass_text(std::string_view cue_text);

// How many lines a cue takes that holds `columns` letters of Latin script in one (wide letters count double).
unsigned lines_of(std::string_view cue_text, unsigned columns);

// Whether the first letter with a direction runs from right to left.
bool runs_right_to_left(std::string_view cue_text);

// Where an ASS event goes, in its own terms.
struct CuePlace {
    int alignment = 2; // of the numeric keypad
    unsigned left = 0; // margins in script pixels; 0: the style's
    unsigned right = 0;
    unsigned vertical = 0;
};

// The canvas of the script that a place is counted on.
struct ScriptCanvas {
    unsigned width = 1920;
    unsigned height = 1080;
    unsigned line_height = 65;
    unsigned side_margin = 96; // what is kept free in any case
    unsigned vertical_margin = 54;
};

// Cue settings (W3C WebVTT, 4.4): line, position, align and size; what else there is, malformed or not, is
// left out. A text of `lines` lines stays inside the margins; writing that runs from right to left begins
// right.
CuePlace place_of(std::string_view settings, const ScriptCanvas &canvas, unsigned lines, bool right_to_left);

} // namespace butaca::pipelines
