// SPDX-License-Identifier: Apache-2.0
#include "tools/figure/figure.h"

#include <algorithm>

#include "models/config/diagnostics.h"

namespace lutsim::tools::figure {

const std::vector<Figure>& figures() {
  static const std::vector<Figure> list{
      {"engines", "efficiency of the five engines by bits",
       "Tokens per joule of chip and DRAM, and energy of the matrix unit alone for a token, of one "
       "chip with each of "
       "the five engines at equal peak throughput, by weight bits; a decode step of 32 sequences, "
       "where every "
       "engine works weight-stationary. `fp` and `figna` pay for 4-bit lanes whatever the weights "
       "have.",
       engines},
      {"energy", "energy of a token by part and batch",
       "Above: energy of a token of chip and DRAM. Below: the share of each part. Static power is "
       "leakage of the chip; "
       "the standby of the DRAM devices is in `dram`.",
       energy_breakdown},
      {"ratio-map",
       "power efficiency against a GPU over batch and context, with the 8 times contour",
       "Tokens per joule of the chip over those of the GPU, as served, FP16 on the left and "
       "weight-only INT4 on the right. "
       "Solid line: the ratio is 8. Dashed and dotted lines: the lower and the upper end of its 90 "
       "% interval is 8, so what lies "
       "inside dashed is at least 8 in 95 % of the draws. Hatched: weights and FP16 cache do not "
       "fit the chip's DRAM. A line that is missing is nowhere in the map.",
       ratio_map},
      {"quality", "quality against joules per token",
       "Perplexity over that of the unquantised model against the energy of a token, one sequence, "
       "by weight bits: chip and "
       "DRAM (filled), and the GPU as served (open) with FP16 weights and with the nearest "
       "weight-only precision, which it "
       "is given the quality of the same bits. Perplexities are published ones "
       "(`models/quality/published.yaml`), the best "
       "for each width.",
       quality},
      {"sensitivity", "what the ratio turns on, constant by constant",
       "The ratio of tokens per joule when one constant, or all constants of one cause, goes from "
       "its lowest to its highest "
       "credible value and everything else stays. The numbers beside a bar are that range.",
       sensitivity},
      {"roofline", "roofline with decode and prefill passes",
       "Operations a second against operations for each byte moved to and from DRAM, as simulated, "
       "with the roofs of the memory "
       "and of the matrix unit by weight bits. Points on one line differ in batch; the prefill is "
       "one prompt of 512 "
       "tokens.",
       roofline},
      {"area", "area of the chip by part, with each engine",
       "Area of one chip with each engine at equal peak throughput, by part, and of the matrix "
       "unit alone. Error bars add up the "
       "lows and the highs of all constants. The interface to DRAM counts.",
       area},
      {"timeline", "what every unit does during one layer of a decode step",
       "Matrix unit, vector unit and DMA engines during one layer of a decode step, by operator; "
       "heights are the busy share "
       "of the time between the first and the last command of the operator on that unit. White "
       "inside a box is "
       "waiting.",
       timeline},
      {"sweep-front", "designs of a sweep and their Pareto front",
       "Designs of `lutsim sweep`, two metrics of them, with the front of these two. Filled points "
       "lie on the front of "
       "all objectives of the sweep.",
       sweep_front}};
  return list;
}

const Figure& figure_named(const std::string& name) {
  std::vector<std::string> names;
  for (const Figure& f : figures()) {
    if (name == f.name) return f;
    names.emplace_back(f.name);
  }
  throw config::InputError("lutsim figure",
                           "'" + name + "' is no figure; there are: " + config::comma_list(names),
                           config::did_you_mean(name, names));
}

RunSpec decode_step(const FigureRequest& request, std::uint32_t batch) {
  RunSpec run;
  run.arch = request.arch;
  run.gpus.clear();
  run.workload.model = request.model;
  run.workload.batch = batch;
  run.workload.cached_tokens = 511;
  run.workload.weight_bits = request.weight_bits;
  return run;
}

}  // namespace lutsim::tools::figure
