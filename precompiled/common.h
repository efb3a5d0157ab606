// SPDX-License-Identifier: LGPL-2.1-or-later
// What most sources include, read once for each library. They include it all the same: without precompiled
// headers (-Db_pch=false) this file plays no part.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gio/gio.h>
#include <gst/gst.h>
#include <tl/expected.hpp>
