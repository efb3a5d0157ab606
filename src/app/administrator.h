// SPDX-License-Identifier: LGPL-2.1-or-later
// Somebody has to be the administrator of a new Butaca.
#pragma once

#include "src/app/settings.h"
#include "src/base/result.h"

namespace butaca::app {

// Makes the administrator that the settings name, unless the address has an account already. Without one
// named, where there is none and a file was given for it: makes one with a password by chance, and writes the
// address and the password into that file, one to a line, for its owner alone. Blocks; needs the schema.
Status ensure_administrator(const Settings &settings);

} // namespace butaca::app
