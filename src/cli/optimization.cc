#include "cli/optimization.h"

#include <fmt/format.h>

namespace mote::cli {
namespace {

Json sizes(const evaluate::NetworkSize& size) {
  return {{"nodes", size.nodes},
          {"channels", size.channels},
          {"weights", size.weights},
          {"macs", size.macs},
          {"weight_bytes", size.weight_bytes}};
}

}  // namespace

void add_no_optimize(CLI::App* verb, bool& no_optimize) {
  verb->add_flag("--no-optimize", no_optimize,
                 "Take the graph as the file has it: no passes, dead channels stay");
}

Json optimization_fields(const evaluate::Optimization& optimization) {
  Json fields = sizes(optimization.after);
  fields["removed_channels"] = optimization.removed_channels();
  fields["before"] = sizes(optimization.before);
  return fields;
}

std::string removed_text(const evaluate::Optimization& optimization) {
  std::string text;
  const auto add = [&](int64_t removed, const char* what) {
    if (removed > 0)
      text += fmt::format("{}{} {}", text.empty() ? "" : ", ", grouped(removed), what);
  };
  add(optimization.removed_channels(), "channels");
  add(optimization.before.weights - optimization.after.weights, "weights");
  add(optimization.before.macs - optimization.after.macs, "MACs");
  return text.empty() ? "nothing" : text;
}

}  // namespace mote::cli
