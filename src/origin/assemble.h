// SPDX-License-Identifier: LGPL-2.1-or-later
// From what a probe's pipeline gave to the asset and its index.
#pragma once

#include <cstdint>
#include <string>

#include "src/origin/collect.h"
#include "src/origin/container.h"
#include "src/origin/probe.h"

namespace butaca::origin {

// `error`: why the pipeline stopped before the end, empty when it did not; what came before counts all the
// same.
ProbeResult assemble(Collector &collector, const Container &container, const std::string &error);

} // namespace butaca::origin
