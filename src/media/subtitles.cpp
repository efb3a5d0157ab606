// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/media/subtitles.h"

namespace butaca::media {

const char *to_string(CueForm form)
{
    switch (form) {
    case CueForm::text:
        return "text";
    case CueForm::styled:
        return "styled";
    case CueForm::pictures:
        return "pictures";
    }
    return "text";
}

} // namespace butaca::media
