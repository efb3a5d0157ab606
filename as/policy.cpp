// SPDX-License-Identifier: LGPL-2.1-or-later
#include "as/policy.h"

namespace butaca::as {

origin::Policy policy()
{
    origin::Policy policy;
    policy.name = "as";
    policy.kind = media::Kind::audio;
    policy.port = 8082;
    policy.extensions = {"aac", "ac3", "aif", "aiff", "alac", "dts",  "eac3", "flac", "m4a",  "m4b", "mka",
                         "mp1", "mp2", "mp3", "mpga", "oga",  "opus", "spx",  "wav",  "weba", "wma", "wv"};
    policy.shared_extensions = {"ogg", "ogx"};
    return policy;
}

} // namespace butaca::as
