// SPDX-License-Identifier: LGPL-2.1-or-later
// The findings of a check for people and for programs. Pure.
#pragma once

#include <string>

#include "client/check/findings.h"
#include "client/check/presentation.h"
#include "client/words.h"

namespace butaca::client::check {

// A paragraph for each rule that is broken, with its places, and a line that sums up.
std::string report_text(const Findings &findings, Language language);

// One JSON document, described in docs/check.md.
std::string report_json(const std::string &url, const Presentation &presentation, const Findings &findings,
                        Language language);

} // namespace butaca::client::check
