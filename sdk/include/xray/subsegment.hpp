// One piece of work inside a segment.
#if defined(XRAY_HEADER_ONLY)
#include <xray/impl/header_only.hpp>
#endif
#ifndef XRAY_SUBSEGMENT_HPP
#define XRAY_SUBSEGMENT_HPP

#include <cstdint>
#include <string_view>

#include <xray/aws.hpp>
#include <xray/context.hpp>
#include <xray/entity.hpp>
#include <xray/sql.hpp>

XRAY_NAMESPACE_BEGIN

/// Where the work of a subsegment is done.
enum class Namespace : std::uint8_t {
  local,   ///< in this process
  remote,  ///< in another service or database: a node on the service map, named by the subsegment
  aws,     ///< in an AWS service, by its SDK
};

/// A call, a query, a step: begins when constructed as a child of the calling thread's current
/// (sub)segment, becomes current itself, ends when destroyed or ended. Without a current segment
/// nothing is recorded and AWS_XRAY_CONTEXT_MISSING says what happens: LOG_ERROR (default; once),
/// IGNORE_ERROR, or RUNTIME_ERROR, which throws ContextMissing from the constructor.
///
/// Move-only.
class Subsegment : public Entity {
 public:
  /// Begins a subsegment. `name` as for Segment; for Namespace::remote the callee's host, for aws
  /// the service's name ("DynamoDB").
  XRAY_DECL explicit Subsegment(std::string_view name, Namespace name_space = Namespace::local);
  /// Begins a child of the given entity or context, without regard to the calling thread's: it does
  /// not become current, and may end on any thread. For asynchronous work, where what begins here
  /// is ended by a callback elsewhere. Children of it are made in the same way, or inside a
  /// ContextScope of its context(). Under an entity that is not recorded, nor is this.
  XRAY_DECL Subsegment(std::string_view name, const Entity& parent,
                       Namespace name_space = Namespace::local) noexcept;
  XRAY_DECL Subsegment(std::string_view name, const Context& parent,
                       Namespace name_space = Namespace::local);
  XRAY_DECL Subsegment(Subsegment&& other) noexcept;
  /// Ends this subsegment, then takes over the other.
  XRAY_DECL Subsegment& operator=(Subsegment&& other) noexcept;
  /// Ends the subsegment, marked as a fault if an exception is on its way through.
  XRAY_DECL ~Subsegment();

  /// Ends the subsegment now; what is called on it afterwards does nothing.
  XRAY_DECL void end() noexcept;

  /// The `aws` block of a call to an AWS service; see also add_aws.
  XRAY_DECL void set_aws(const AwsCall& call) noexcept;

  /// A subsegment of the same parent that had to finish before this one could begin.
  XRAY_DECL void add_precursor(SegmentId id) noexcept;

  /// The `sql` block.
  XRAY_DECL void set_sql(const SqlQuery& query) noexcept;

 private:
  XRAY_DECL void begin_unusually(std::string_view name, Namespace name_space);
  void begin_under(std::string_view name, detail::Record* record, detail::Node* parent,
                   Namespace name_space) noexcept;

  int exceptions_;
};

XRAY_NAMESPACE_END

#endif  // XRAY_SUBSEGMENT_HPP
