// SPDX-License-Identifier: LGPL-2.1-or-later
#include "vs/policy.h"

namespace butaca::vs {

origin::Policy policy()
{
    origin::Policy policy;
    policy.name = "vs";
    policy.kind = media::Kind::video;
    policy.port = 8081;
    policy.extensions = {"3g2",  "3gp", "asf",  "avi", "divx", "f4v", "flv", "h264", "hevc",
                         "m1v",  "m2t", "m2ts", "m2v", "m4v",  "mkv", "mov", "mp4",  "mpe",
                         "mpeg", "mpg", "mts",  "ogv", "qt",   "ts",  "vob", "webm", "wmv"};
    policy.shared_extensions = {"ogg", "ogx"};
    return policy;
}

} // namespace butaca::vs
