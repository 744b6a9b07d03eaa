#include <xray/samplers.hpp>

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmath>
#include <fstream>
#include <limits>
#include <memory>
#include <string>

#include <xray/xray.hpp>

#include "support/allocations.hpp"

namespace samplers = xray::samplers;

namespace {

/// How many of a thousand are sampled.
int sampled(xray::Sampler& sampler) {
  int count = 0;
  for (int i = 0; i < 1000; ++i) count += sampler.decide(xray::SamplingRequest()).sampled ? 1 : 0;
  return count;
}

/// A directory for files, gone afterwards.
class Directory {
 public:
  Directory() {
    char name[] = "/tmp/xray-rules-XXXXXX";
    path_ = ::mkdtemp(name);
  }
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;
  ~Directory() {
    ::unlink((path_ + "/f").c_str());
    ::rmdir(path_.c_str());
  }
  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::string file(const std::string& text) const {
    std::ofstream(path_ + "/f", std::ios::binary) << text;
    return path_ + "/f";
  }

 private:
  std::string path_;
};

const std::string nothing = R"({"version":2,"default":{"fixed_target":0,"rate":0}})";

}  // namespace

TEST(Samplers, always_takes_all_and_never_none) {
  EXPECT_EQ(sampled(*samplers::always()), 1000);
  EXPECT_EQ(sampled(*samplers::never()), 0);
}

TEST(Samplers, a_rate_takes_its_share) {
  EXPECT_EQ(sampled(*samplers::rate(0)), 0);
  EXPECT_EQ(sampled(*samplers::rate(1)), 1000);
  EXPECT_EQ(sampled(*samplers::rate(-1)), 0);
  EXPECT_EQ(sampled(*samplers::rate(2)), 1000);
  EXPECT_EQ(sampled(*samplers::rate(std::numeric_limits<double>::quiet_NaN())), 0);
  // Chance is real here: of a thousand runs of this test by far less than one may fail at ten
  // standard deviations.
  EXPECT_NEAR(sampled(*samplers::rate(0.5)), 500, 10 * std::sqrt(1000 * 0.25));
}

TEST(Samplers, rules_decide_as_their_text_says) {
  const samplers::RulesResult none = samplers::rules(nothing);
  ASSERT_NE(none.sampler, nullptr);
  EXPECT_EQ(none.error, "");
  EXPECT_EQ(sampled(*none.sampler), 0);
  const samplers::RulesResult all =
      samplers::rules(R"({"version":1,"default":{"fixed_target":0,"rate":1}})");
  ASSERT_NE(all.sampler, nullptr);
  EXPECT_EQ(sampled(*all.sampler), 1000);
}

TEST(Samplers, rules_that_cannot_be_used_make_no_sampler_but_an_error) {
  const samplers::RulesResult result = samplers::rules(R"({"version":2})");
  EXPECT_EQ(result.sampler, nullptr);
  EXPECT_EQ(result.error, "default is missing");
}

TEST(Samplers, rules_come_from_a_file_too) {
  const Directory directory;
  const samplers::RulesResult result = samplers::rules_from_file(directory.file(nothing));
  ASSERT_NE(result.sampler, nullptr) << result.error;
  EXPECT_EQ(sampled(*result.sampler), 0);
}

TEST(Samplers, a_file_that_cannot_be_used_is_named) {
  const Directory directory;
  const std::string path = directory.path() + "/f";
  const auto error = [](const std::string& of) {
    const samplers::RulesResult result = samplers::rules_from_file(of);
    EXPECT_EQ(result.sampler, nullptr);
    return result.error;
  };
  EXPECT_EQ(error(path), path + ": No such file or directory");
  EXPECT_EQ(error(directory.path()), directory.path() + ": not a regular file");
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  EXPECT_EQ(error(path), path + ": not a regular file");  // and does not wait for a writer
  ::unlink(path.c_str());
  EXPECT_EQ(error(directory.file("{")).substr(0, path.size() + 10), path + ": not JSON");
  EXPECT_EQ(error(directory.file(nothing + std::string(std::size_t{1} << 21U, ' '))),
            path + ": the rules have more than 1048576 bytes");
}

// The second may change while it is counted, and then again if that took one.
TEST(Samplers, the_default_rules_take_one_and_a_few) {
  const int count = sampled(*samplers::default_rules());
  EXPECT_GE(count, 1);
  EXPECT_NEAR(count, 51, 10 * std::sqrt(1000 * 0.05 * 0.95));
}

TEST(Samplers, decide_without_memory) {
  for (const std::shared_ptr<xray::Sampler>& sampler :
       {samplers::always(), samplers::never(), samplers::rate(0.5), samplers::default_rules()}) {
    (void)sampler->decide(xray::SamplingRequest());  // seeds the generator
    const auto before = support::allocations();
    EXPECT_GE(sampled(*sampler), 0);
    EXPECT_EQ(support::allocations(), before);
  }
}

TEST(Samplers, may_be_stopped_and_still_asked) {
  const std::shared_ptr<xray::Sampler> sampler = samplers::always();
  sampler->stop(std::chrono::seconds(1));
  sampler->observe(xray::SamplingOutcome());
  EXPECT_EQ(sampled(*sampler), 1000);
}
