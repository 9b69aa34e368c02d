namespace ImageTarTasks.Tests.Support;

/// <summary>Skips a test, with a reason, where a third-party program is not on PATH.</summary>
[AttributeUsage(AttributeTargets.Method | AttributeTargets.Class, AllowMultiple = true)]
internal sealed class RequiresProgramAttribute : ConditionBaseAttribute
{
    private readonly string _program;

    public RequiresProgramAttribute(string program)
        : base(ConditionMode.Include)
    {
        _program = program;
        IgnoreMessage = $"needs the program {program}";
    }

    public override string GroupName => nameof(RequiresProgramAttribute) + _program;

    public override bool IsConditionMet =>
        (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(Path.PathSeparator)
            .Any(folder => File.Exists(Path.Combine(folder, _program)));
}
