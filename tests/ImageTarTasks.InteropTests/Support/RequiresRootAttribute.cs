namespace ImageTarTasks.InteropTests.Support;

/// <summary>
/// Skips a test, with a reason, where it does not run as root: Docker Engine, device nodes and owners need that.
/// </summary>
[AttributeUsage(AttributeTargets.Method | AttributeTargets.Class)]
internal sealed class RequiresRootAttribute : ConditionBaseAttribute
{
    public RequiresRootAttribute()
        : base(ConditionMode.Include) => IgnoreMessage = "needs root";

    public override string GroupName => nameof(RequiresRootAttribute);

    public override bool IsConditionMet => Environment.IsPrivilegedProcess;
}
