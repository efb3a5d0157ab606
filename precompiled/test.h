// SPDX-License-Identifier: LGPL-2.1-or-later
// The same for tests.
#include <gtest/gtest.h>

#include "precompiled/common.h"
