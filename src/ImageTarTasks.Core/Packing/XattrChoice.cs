namespace ImageTarTasks.Core.Packing;

/// <summary>Which extended attributes an export or an import keeps.</summary>
public enum XattrChoice
{
    /// <summary>All of them. From a folder, those that belong to the files and not to the machine.</summary>
    All,

    /// <summary>Only <c>security.capability</c>, as Docker's export does.</summary>
    Capabilities,

    /// <summary>None.</summary>
    None,
}
