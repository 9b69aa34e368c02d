namespace ImageTarTasks.InteropTests.Support;

/// <summary>
/// Skips a test, with a reason, where no Docker Engine can be started: dockerd, a client and root are needed.
/// </summary>
[AttributeUsage(AttributeTargets.Method | AttributeTargets.Class)]
internal sealed class RequiresEngineAttribute : ConditionBaseAttribute
{
    public RequiresEngineAttribute()
        : base(ConditionMode.Include) => IgnoreMessage = "needs the programs dockerd and docker, and root";

    public override string GroupName => nameof(RequiresEngineAttribute);

    public override bool IsConditionMet =>
        Environment.IsPrivilegedProcess
        && new ImageTarTasks.Tests.Support.RequiresProgramAttribute("dockerd").IsConditionMet
        && new ImageTarTasks.Tests.Support.RequiresProgramAttribute("docker").IsConditionMet;
}
