// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "models/support/parallel.h"

namespace lutsim::tools {

using models::default_jobs;
using models::for_each_parallel;

}  // namespace lutsim::tools
