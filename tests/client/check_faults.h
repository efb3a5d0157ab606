// SPDX-License-Identifier: LGPL-2.1-or-later
// One broken thing for each rule of the check.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "client/check/rules.h"
#include "tests/client/stream_site.h"

namespace butaca::test {

enum class Base {
    mp4,      // mp4_site()
    pictures, // only its first media playlist
    ts,       // ts_site()
};

struct Fault {
    client::check::Rule rule;
    Base base;
    std::function<void(Site &)> make;
    std::set<std::string> also; // what cannot but break with it, by id
};

Site site_of(Base base);

std::vector<Fault> playlist_faults();
std::vector<Fault> multivariant_faults();
std::vector<Fault> media_faults();
std::vector<Fault> delivery_faults();

} // namespace butaca::test
